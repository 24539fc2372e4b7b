import type { Group } from '../model.ts';
import { installMsOf, type View } from './scene.ts';

/**
 * How many devices a group is worth. One more device shortens it by W/(k(k+1)) and costs an install, which delays everyone
 * who waits: with W its work, D its organisation's share of the devices that fit, q the organisation's groups that wait
 * beside it and s an install, the two balance at sqrt(W·D / (q·price·s)).
 */
export function quotaOf(view: View, group: Group): number {
  const devices = view.fitting(group).length;
  const priceMs = view.rivals(group) * view.policy.installPrice * installMsOf(group, view.policy);
  if (priceMs === 0) return devices;
  const worth = Math.sqrt((group.workMs * devices * view.share(group)) / priceMs);
  return Math.max(1, Math.min(devices, Math.round(worth)));
}
