import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Route } from '../../contract/route.ts';
import type { Deps } from '../usecases/deps.ts';
import { type MetricsSnapshot, metricsSnapshot } from '../usecases/metrics-snapshot.ts';

/** How long a look at queue and fleet is good for: scraping more often must not cost more. */
const snapshotMs = 5_000;

export interface HttpMetrics {
  /** Counts an answer of this route. */
  counterOf(route: Route): (status: number, durationMs: number) => void;
  /** Everything in Prometheus' text format. */
  render(): Promise<string>;
}

/** How many requests there are at this moment. */
export interface Load {
  /** Being worked on. */
  active: number;
  /** Held open until something happens. */
  waiting: () => number;
}

/** What the server tells of itself: by route and status, and of queue and fleet as a whole; no organisation is named. */
export function createMetrics(deps: Deps, load: Load): HttpMetrics {
  const registry = new Registry();
  const labelNames = ['method', 'route', 'status'];
  const requests = new Counter({
    name: 'qgjob_http_requests_total',
    help: 'Answers by route and status.',
    labelNames,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'qgjob_http_request_duration_seconds',
    help: 'Time to an answer, long polls included.',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  });
  const look = cached(() => metricsSnapshot(deps), deps.now, snapshotMs);
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  gauge('qgjob_http_requests_active', 'Requests being worked on.', () => load.active);
  gauge('qgjob_http_requests_waiting', 'Long polls and event streams held open.', load.waiting);
  gauge('qgjob_process_resident_bytes', "The server's resident memory.", () => process.memoryUsage.rss());
  gauge('qgjob_process_uptime_seconds', 'Time since the start.', () => process.uptime());
  for (const [name, help, of] of fleetGauges) gauge(name, help, async () => of(await look()));

  return {
    counterOf({ method, path }) {
      const labels = { method, route: path };
      const duration = durations.labels(labels);
      // made once for each status: looking a counter up by its labels costs more than counting
      const byStatus = new Map<number, Counter.Internal>();
      return (status, durationMs) => {
        let counter = byStatus.get(status);
        if (!counter) {
          counter = requests.labels({ ...labels, status: String(status) });
          byStatus.set(status, counter);
        }
        counter.inc();
        duration.observe(durationMs / 1000);
      };
    },
    render: () => registry.metrics(),
  };
}

const fleetGauges: [name: string, help: string, of: (now: MetricsSnapshot) => number][] = [
  ['qgjob_jobs_queued', 'Jobs that wait for a device.', (now) => now.queuedJobs],
  ['qgjob_jobs_active', 'Jobs that an agent holds.', (now) => now.activeJobs],
  ['qgjob_leases_active', 'Leases that agents hold.', (now) => now.activeLeases],
  ['qgjob_agents_online', 'Agents heard of within a lease.', (now) => now.agentsOnline],
  ['qgjob_devices_online', 'Devices of agents online.', (now) => now.devicesOnline],
  [
    'qgjob_oldest_queued_seconds',
    'Age of the oldest waiting job, 0 when none waits.',
    (now) => now.oldestQueuedSeconds ?? 0,
  ],
  ['qgjob_deliveries_pending', 'Webhooks of GitHub that wait to be worked on.', (now) => now.deliveriesPending],
  [
    'qgjob_deliveries_failed',
    'Webhooks of GitHub that were given up, of the last eight days.',
    (now) => now.deliveriesFailed,
  ],
];

function cached<T>(read: () => Promise<T>, now: () => number, ms: number): () => Promise<T> {
  let last: { value: Promise<T>; at: number } | undefined;
  return () => {
    if (!last || now() - last.at >= ms || now() < last.at) {
      const entry = { value: read(), at: now() };
      last = entry;
      entry.value.catch(() => {
        if (last === entry) last = undefined;
      });
    }
    return last.value;
  };
}
