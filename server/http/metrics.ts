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

/** What the server tells of itself: by route and status, and of queue and fleet as a whole; no organisation is named. */
export function createMetrics(deps: Deps): HttpMetrics {
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
  addGauges(
    registry,
    cached(() => metricsSnapshot(deps), deps.now, snapshotMs),
  );

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

function addGauges(registry: Registry, look: () => Promise<MetricsSnapshot>): void {
  const gauge = (name: string, help: string, read: (snapshot: MetricsSnapshot) => number) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(read(await look()));
      },
    });
  };
  gauge('qgjob_jobs_queued', 'Jobs that wait for a device.', (now) => now.queuedJobs);
  gauge('qgjob_jobs_active', 'Jobs that an agent holds.', (now) => now.activeJobs);
  gauge('qgjob_leases_active', 'Leases that agents hold.', (now) => now.activeLeases);
  gauge('qgjob_agents_online', 'Agents heard of within a lease.', (now) => now.agentsOnline);
  gauge('qgjob_devices_online', 'Devices of agents online.', (now) => now.devicesOnline);
  gauge(
    'qgjob_oldest_queued_seconds',
    'Age of the oldest waiting job, 0 when none waits.',
    (now) => now.oldestQueuedSeconds ?? 0,
  );
  gauge('qgjob_process_resident_bytes', "The server's resident memory.", () => process.memoryUsage.rss());
  gauge('qgjob_process_uptime_seconds', 'Time since the start.', () => process.uptime());
}

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
