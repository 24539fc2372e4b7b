// The words of the contract that are read before anything is validated, apart from the schemas made of them: the Action
// complains of its inputs without loading zod.

/** Where a job may run. `browserstack` groups fan out over the plan's parallels; the other two serialise on a device. */
export const targets = ['emulator', 'device', 'browserstack'] as const;

export const platforms = ['android', 'ios', 'web'] as const;

/** What happens to the app's data between jobs of a group: cleared, kept, or the app installed anew. */
export const resets = ['data', 'none', 'reinstall'] as const;
