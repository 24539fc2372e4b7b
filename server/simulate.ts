/** The scheduler for a program that has no server: `qgjob simulate` plays traces through it, by this door alone. */
export { type PolicyChoice, policyLimits, policyOf } from './domain/policy.ts';
export { reportOf } from './domain/simulation/report.ts';
