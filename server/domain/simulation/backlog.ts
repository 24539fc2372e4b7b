import type { Group } from '../model.ts';
import type { SimulatedGroup, SimulatedJob } from './simulate.ts';

const priorities = 10;

/** Groups with their waiting jobs, and the counters that the store would keep of them. */
export function createBacklog(groups: readonly SimulatedGroup[]) {
  const counters = new Map(groups.map((group) => [group.id, emptyGroup(group)]));
  const queues = new Map(groups.map(({ id }) => [id, Array.from({ length: priorities }, emptyQueue)]));
  const open = new Map<string, Group>();

  const refresh = (group: Group, queue: readonly Queue[]) => {
    const first = queue.findLast(({ jobs, next }) => next < jobs.length);
    const head = first?.jobs[first.next];
    group.headPriority = head?.priority ?? 0;
    group.headEnqueuedAt = head?.releaseMs ?? 0;
    if (head) open.set(group.id, group);
    else open.delete(group.id);
  };

  return {
    isEmpty: () => open.size === 0,
    waiting: (): Group[] => [...open.values()],
    add(job: SimulatedJob): void {
      const group = counters.get(job.groupId);
      const queue = queues.get(job.groupId);
      if (!group || !queue) return;
      queue[job.priority]?.jobs.push(job);
      group.queued++;
      group.workMs += job.estimateMs;
      refresh(group, queue);
    },
    /** Takes the group's first job out. */
    take(groupId: string): SimulatedJob | undefined {
      const group = counters.get(groupId);
      const queue = queues.get(groupId);
      const first = queue?.findLast(({ jobs, next }) => next < jobs.length);
      const job = first?.jobs[first.next];
      if (!group || !queue || !first || !job) return undefined;
      first.next++;
      group.queued--;
      group.workMs -= job.estimateMs;
      refresh(group, queue);
      return job;
    },
  };
}

interface Queue {
  jobs: SimulatedJob[];
  next: number;
}

function emptyQueue(): Queue {
  return { jobs: [], next: 0 };
}

function emptyGroup(group: SimulatedGroup): Group {
  return { ...group, queued: 0, active: 0, workMs: 0, headPriority: 0, headEnqueuedAt: 0 };
}
