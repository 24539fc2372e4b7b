import type { Group } from '../model.ts';
import { quotaOf } from './quota.ts';
import { installMsOf, type View } from './scene.ts';

/**
 * The group that comes first: of organisations that have used least, or hardly more; of each only its highest priority;
 * among these the one that no free device but this one could take, then the one that has waited longest for what it
 * needs, then the oldest.
 */
export function firstOf(view: View, candidates: readonly Group[]): Group | null {
  const leastMs = candidates.reduce((least, { orgId }) => Math.min(least, view.useOf(orgId)), Number.POSITIVE_INFINITY);
  const level = candidates.filter(({ orgId }) => view.useOf(orgId) - leastMs <= view.policy.usageToleranceMs);
  const highest = new Map<string, number>();
  for (const { orgId, headPriority } of level) {
    highest.set(orgId, Math.max(highest.get(orgId) ?? 0, headPriority));
  }
  let first: { group: Group; key: readonly [number, number, number] } | null = null;
  for (const group of level) {
    if (group.headPriority < (highest.get(group.orgId) ?? 0)) continue;
    const key = [alternatives(view, group), -responseRatio(view, group), group.headEnqueuedAt] as const;
    if (!first || isBefore(key, group, first)) first = { group, key };
  }
  return first?.group ?? null;
}

function isBefore(key: readonly number[], group: Group, first: { group: Group; key: readonly number[] }): boolean {
  for (const [index, value] of key.entries()) {
    const other = first.key[index] ?? 0;
    if (value !== other) return value < other;
  }
  return group.id < first.group.id;
}

/** Whether another device stands free that could take the group: this one is better kept for what only it can do. */
function alternatives(view: View, group: Group): number {
  return Number(view.fitting(group).some((worker) => worker !== view.asking && worker.serves === null));
}

/** How long the group has waited against how long it will take: the short are sooner, and nobody stays last. */
function responseRatio(view: View, group: Group): number {
  const needsMs = installMsOf(group, view.policy) + group.workMs / quotaOf(view, group);
  return (view.now - group.headEnqueuedAt + view.policy.assumedJobMs) / Math.max(1, needsMs);
}
