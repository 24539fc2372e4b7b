import type { AgentCommand } from '../../contract/words.ts';
import { isSetAside, whySetAside } from './blame-matrix.ts';
import type { Agent, Device } from './model.ts';
import { plainLine } from './plain-text.ts';

/** Why an agent's devices take no jobs, whatever they are like themselves: it is silent, or does as it was told. */
export type Away = { why: 'silent'; sinceAt: number } | { why: AgentCommand };

/** A device that takes no jobs at present. Texts are for people, of one line, with foreign words in them. */
export interface Rest {
  /** What a sentence goes on with that begins with the device's name. */
  is: 'has been set aside' | 'takes no jobs' | 'has not been there';
  /** Null where that is not known. */
  sinceAt: number | null;
  why: string;
  help: string;
}

const maxReasonChars = 300;

/** An agent's word on why a device takes no jobs, as one line that can be shown; null where it says nothing. */
export function asReason(text: string | undefined): string | null {
  return plainLine(text ?? '', maxReasonChars) || null;
}

/** Whether a device is there and well, by its agent's word. */
export function isAtWork({ state }: Pick<Device, 'state'>): boolean {
  return state === 'idle' || state === 'busy';
}

/** A device in another state, since now where it is another. */
export function inState(device: Device, state: Device['state'], stateReason: string | null, now: number): Device {
  const stateChangedAt = state === device.state ? device.stateChangedAt : now;
  return { ...device, state, stateReason, stateChangedAt };
}

/** What a device is once a lease of it has ended. One that its agent finds unfit, or does not see, stays so. */
export function afterLease(device: Device, how: 'released' | 'lost', now: number): Device {
  if (how === 'lost') return device.state === 'offline' ? device : inState(device, 'offline', null, now);
  return device.state === 'busy' ? inState(device, 'idle', null, now) : device;
}

/** Whether an agent gives its devices jobs. @param onlineSinceAt an agent silent since before then is offline */
export function awayOf({ command, lastHeartbeatAt }: Agent, onlineSinceAt: number): Away | null {
  if (lastHeartbeatAt < onlineSinceAt) return { why: 'silent', sinceAt: lastHeartbeatAt };
  return command === null ? null : { why: command };
}

/** Null while the device takes jobs. */
export function restOf(
  { device, agentName, away }: { device: Device; agentName: string; away: Away | null },
  now: number,
): Rest | null {
  const agent = plainLine(agentName, 128);
  if (away !== null) return restOfAgent(away, agent);
  if (device.state === 'unhealthy' || device.state === 'offline') {
    const isThere = device.state === 'unhealthy';
    return {
      is: isThere ? 'takes no jobs' : 'has not been there',
      sinceAt: device.stateChangedAt,
      why: device.stateReason ?? (isThere ? 'its agent finds it unfit.' : 'its agent does not see it.'),
      help: `See to ${nameOf(device)} beside agent ${agent}, which takes it in again by itself while it runs.`,
    };
  }
  if (!isSetAside(device, now)) return null;
  const again = device.suspectUntil === null ? '' : `; else it is tried again at ${instantText(device.suspectUntil)}`;
  const help = `Once ${nameOf(device)} is in order: \`qgjob devices --release=${shellWord(device.id)}\`${again}.`;
  return { is: 'has been set aside', ...whySetAside(device), help };
}

/** `Pixel 7 (R5CR) has been set aside since 2026-01-01 12:00 UTC: why`. The same for as long as it is so. */
export function describeRest(device: Device, { is, sinceAt, why }: Rest): string {
  return `${nameOf(device)} ${is}${sinceAt === null ? '' : ` since ${instantText(sinceAt)}`}: ${why}`;
}

/** What people call it. */
export function nameOf({ id, model }: Pick<Device, 'id' | 'model'>): string {
  const [shownId, shownModel] = [plainLine(id, 128), plainLine(model ?? '', 128)];
  return shownModel === '' || shownModel === shownId ? shownId : `${shownModel} (${shownId})`;
}

function restOfAgent(away: Away, agent: string): Rest {
  const is = 'takes no jobs';
  switch (away.why) {
    case 'silent': {
      const help = `Start agent ${agent} again, or see why it does not reach the server: \`qgjob agents list\`.`;
      return { is, sinceAt: away.sinceAt, why: `nothing is heard of its agent ${agent}.`, help };
    }
    case 'pause':
      return {
        is,
        sinceAt: null,
        why: `its agent ${agent} is paused.`,
        help: `\`qgjob agents resume ${shellWord(agent)}\` lets it take jobs again.`,
      };
    case 'drain':
      return {
        is,
        sinceAt: null,
        why: `its agent ${agent} was told to finish and stop.`,
        help: `Start agent ${agent} again.`,
      };
  }
}

/** To the minute. */
function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A foreign word in a command that people copy: no shell takes it for anything else. */
function shellWord(word: string): string {
  const plain = plainLine(word, 128);
  return /^[\w.:@%+,/-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}
