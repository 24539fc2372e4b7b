import type { Io } from './io.ts';

interface InterruptHandlers {
  /** Ctrl-C or SIGTERM, the first time. */
  first(): void;
  /** The next time; without it the command ends at once. */
  second?(): void;
}

/** Ctrl-C and SIGTERM: they end a command at once unless it has claimed them to end in its own way. */
export interface Interrupts {
  claim(handlers: InterruptHandlers): void;
  release(): void;
  /** Resolves when the command is to end at once. */
  readonly atOnce: Promise<void>;
}

/**
 * One Ctrl-C may arrive several times within milliseconds: a terminal signals the whole process group, and npx and
 * qgjob.js pass on what they got. Nobody presses twice that fast.
 */
const samePressMs = 250;

export function watchInterrupts(io: Pick<Io, 'onSignal'>): Interrupts {
  const { promise: atOnce, resolve: end } = Promise.withResolvers<void>();
  let handlers: InterruptHandlers | undefined;
  let presses = 0;
  let lastAt = -Infinity;
  const pressed = () => {
    const now = performance.now();
    const repeated = now - lastAt < samePressMs;
    lastAt = now;
    if (repeated) return;
    presses++;
    if (presses === 1 && handlers) handlers.first();
    else if (presses === 2 && handlers?.second) handlers.second();
    else end();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) io.onSignal(name, pressed);
  return {
    atOnce,
    claim(claimed) {
      handlers = claimed;
    },
    release() {
      handlers = undefined;
    },
  };
}
