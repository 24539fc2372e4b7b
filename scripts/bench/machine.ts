import { cpus, loadavg } from 'node:os';

/** What was measured on, as two lines; with a warning when others use it too. */
export function machineText(...further: string[]): string {
  const [cpu] = cpus();
  const load = loadavg()[0] ?? 0;
  const busy = load > 0.5 ? ' — others use this machine: read the ratios, and run it again when it is quiet' : '';
  return [
    [`${cpus().length} × ${cpu?.model ?? 'unknown'}`, `Node ${process.versions.node}`, ...further].join(', '),
    `load average ${load.toFixed(1)}${busy}`,
  ].join('\n');
}
