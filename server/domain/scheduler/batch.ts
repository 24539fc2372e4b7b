import type { Group } from '../model.ts';
import { quotaOf } from './quota.ts';
import { type Scene, viewOf } from './scene.ts';

/**
 * How many of up to `wanted` jobs a device may take at once: so many that the other devices that the group is worth find as
 * many, and never more than its organisation may hold.
 */
export function shareOf(scene: Scene, group: Group, wanted: number): number {
  if (wanted <= 1) return wanted;
  const view = viewOf(scene);
  const others = Math.max(view.serving(group) + 1, quotaOf(view, group));
  const room = scene.orgs.get(group.orgId)?.room ?? Number.POSITIVE_INFINITY;
  return Math.min(wanted, room, Math.ceil(group.queued / others));
}
