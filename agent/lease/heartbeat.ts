import type { DeviceReport, Heartbeat, HeartbeatAnswer } from '../../contract/agent.ts';
import { type Client, ProblemError } from '../../contract/client.ts';
import type { AgentCommand } from '../../contract/words.ts';
import { pause } from '../pause.ts';
import { isNotAdmitted, type Registration } from '../registration.ts';
import type { Log } from '../settings.ts';
import type { HeldLeases } from './held-leases.ts';

export interface HeartbeatDeps {
  client: Client;
  registration: Registration;
  /** Every device the server knows of, with what to say of it now. */
  devices: () => DeviceReport[];
  leases: HeldLeases;
  /** The operator's wish, with every answer. */
  onCommand: (command: AgentCommand | null) => void;
  log: Log;
  /** Ends the heart. */
  signal: AbortSignal;
}

/**
 * Beats until `signal` aborts, whatever the devices do: renews every lease held, learns of lost leases and cancelled jobs.
 * A beat that fails changes nothing by itself: a lease stays good until its own time is over, and the next beat comes sooner.
 * @throws ProblemError when the server no longer admits this agent
 */
export async function keepBeating(deps: HeartbeatDeps): Promise<void> {
  const { registration, signal, log } = deps;
  while (!signal.aborted) {
    const { agentId, heartbeatMs } = registration;
    const id = agentId();
    try {
      await beat(deps, id);
      await pause(heartbeatMs(), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isNotAdmitted(error)) throw error;
      log({ level: 'warn', message: `A heartbeat failed: ${(error as Error).message}` });
      if (error instanceof ProblemError && error.code === 'not_found') await renew(registration, id);
      await pause(heartbeatMs() / 4, signal);
    }
  }
}

/** Registers anew; an agent that is leaving meanwhile need not. */
async function renew(registration: Registration, forgotten: string): Promise<void> {
  await registration.renew(forgotten).catch((error) => {
    if (isNotAdmitted(error)) throw error;
  });
}

/** Tells the server that the devices are gone, so that nobody waits for them. */
export async function lastBeat({ client, registration, devices }: HeartbeatDeps): Promise<void> {
  const stopped = { state: 'offline' as const, reason: 'its agent has stopped.' };
  const body = { devices: devices().map((device) => ({ ...device, ...stopped })), leases: [] };
  await client.heartbeat({ params: { id: registration.agentId() }, body }, { timeoutMs: 5000 }).catch(() => undefined);
}

async function beat(deps: HeartbeatDeps, id: string): Promise<void> {
  const { client, registration, devices, leases, signal, onCommand } = deps;
  const body: Heartbeat = {
    devices: devices(),
    leases: leases.all().map((held) => ({ id: held.lease.id, job_ids: held.jobIds() })),
  };
  const sentAtMs = performance.now();
  const timeoutMs = Math.max(2000, Math.min(10_000, registration.heartbeatMs()));
  const answer = await client.heartbeat({ params: { id }, body }, { signal, timeoutMs });
  for (const told of answer.body.leases) apply(leases, told, sentAtMs);
  onCommand(answer.body.command);
}

function apply(leases: HeldLeases, told: HeartbeatAnswer['leases'][number], sentAtMs: number): void {
  const held = leases.all().find(({ lease }) => lease.id === told.id);
  if (!held) return; // finished while the beat was on its way
  if (told.status === 'lost') held.lose('The server gave the lease to someone else.');
  else held.renewed(told.expires_in_ms, sentAtMs);
  for (const jobId of told.cancel_job_ids) held.cancelJob(jobId);
}
