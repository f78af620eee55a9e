import type { Home } from './home.ts';
import type { ProcessList } from './process-list.ts';

export const DEMO_TENANT = 'demo';

/** What tools and tests need to find a running Runcast: the content of dev.json. */
export interface Addresses {
  readonly ingestUrl: string;
  readonly realtimeUrl: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly apiKey: string;
  /** Where Prometheus finds each service. */
  readonly metrics: { readonly ingest: string; readonly projector: string; readonly realtime: string };
}

const PROCESSES = ['ingest', 'projector', 'realtime', 'nats', 'postgres', 'demoAgent'];

/** Writes dev.json. A process that does not run, or is not ours, has the pid null. */
export function writeDevFile(home: Home, addresses: Addresses, processes: ProcessList): void {
  const pids = Object.fromEntries(PROCESSES.map((name) => [name, processes.pid(name) ?? null]));
  home.write('devFile', `${JSON.stringify({ ...addresses, tenant: DEMO_TENANT, pids }, null, 2)}\n`);
}
