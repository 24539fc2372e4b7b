import { pause } from './call.ts';
import type { Fleet } from './fleet.ts';
import { createRandom, type Random } from './random.ts';
import type { ServerProcess } from './server-process.ts';

/** What was done to the server and the agents. */
export interface HavocLedger {
  serverKills: number;
  serverStops: number;
  agentKills: number;
  agentFreezes: number;
}

export interface HavocOptions {
  server: ServerProcess;
  fleet: Fleet;
  seed: number;
  leaseMs: number;
  /** By performance.now(). */
  untilMs: number;
  /** Looks at what a killed server left, before the next one opens it. */
  autopsy: () => void;
}

/** Kills, stops and freezes at random until the time is up, then waits until all it stopped runs again. */
export async function wreakHavoc(options: HavocOptions): Promise<HavocLedger> {
  const ledger: HavocLedger = { serverKills: 0, serverStops: 0, agentKills: 0, agentFreezes: 0 };
  // a source each, so that neither waits for the other and both follow the seed
  await Promise.all([
    hitServer(options, createRandom(options.seed + 1), ledger),
    hitAgents(options, createRandom(options.seed + 2), ledger),
  ]);
  return ledger;
}

async function hitServer({ server, leaseMs, untilMs, autopsy }: HavocOptions, random: Random, ledger: HavocLedger) {
  for (;;) {
    await pause(random.between(300, 4000));
    if (performance.now() >= untilMs) return;
    const gently = random.chance(0.15);
    const { code } = await server.kill(gently ? 'SIGTERM' : 'SIGKILL');
    if (gently && code !== 0) throw new Error(`a server told to stop ended with ${code}`);
    ledger[gently ? 'serverStops' : 'serverKills']++;
    autopsy();
    // now and then for longer than a lease lives: agents must find theirs alive
    await pause(random.chance(0.15) ? leaseMs * 1.3 : random.between(0, 400));
    await server.start();
  }
}

async function hitAgents({ fleet, leaseMs, untilMs }: HavocOptions, random: Random, ledger: HavocLedger) {
  const frozen = new Map<number, Promise<void>>();
  for (;;) {
    await pause(random.between(200, 1600));
    if (performance.now() >= untilMs) break;
    const index = random.between(0, fleet.size - 1);
    if (random.chance(0.6)) {
      ledger.agentKills++;
      await fleet.replace(index);
    } else if (!frozen.has(index)) {
      ledger.agentFreezes++;
      const thawed = fleet.freeze(index, leaseMs * (1.2 + random.fraction())).finally(() => frozen.delete(index));
      frozen.set(index, thawed);
    }
  }
  await Promise.all(frozen.values());
}
