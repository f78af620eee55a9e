import { setTimeout as delay } from 'node:timers/promises';
import { Watchers } from '../load/audience.ts';
import type { Transport } from '../load/watchers.ts';
import { resultOf, type Result } from '../results.ts';
import { Installation } from '../world/installation.ts';
import { openFilesLimit } from '../world/machine.ts';
import { cleanly, type Bench } from './figure.ts';

const WANTED_CLIENTS = 20_000;
/** Files that the process has open beside its clients. */
const OTHER_FILES = 200;
const RUNS = 100;
const PROCESSES = 3;
/** Longer than a heartbeat, so that what connecting left behind is gone and what a heartbeat needs is there. */
const SETTLED_MS = 20_000;

/** What a client that is connected and hears nothing costs in memory, many thousands in one process. */
export function idle(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const clients = Math.min(bench.quick ? 5_000 : WANTED_CLIENTS, openFilesLimit() - OTHER_FILES);
    if (clients < WANTED_CLIENTS) {
      bench.report(`${clients} clients instead of ${WANTED_CLIENTS} (open files: ${openFilesLimit()})`);
    }
    const watchers = cleanUp.add(await Watchers.start(PROCESSES), (made) => made.stop());
    const installation = cleanUp.add(await Installation.create(bench.backends, { name: 'idle' }), (made) =>
      made.remove(),
    );
    const results: Result[] = [];
    for (const transport of ['websocket', 'sse'] as const) {
      const value = await perClient(bench, installation, watchers, transport, clients);
      const figure = `idle: ${clients} clients, ${transport}`;
      results.push(resultOf({ figure, unit: 'KB/client', values: [value], target: { of: 'value', atMost: 12 } }));
    }
    return results;
  });
}

async function perClient(
  { report, quick }: Bench,
  installation: Installation,
  watchers: Watchers,
  transport: Transport,
  clients: number,
): Promise<number> {
  const service = await installation.start('realtime-gateway');
  const { headers } = installation;
  const watch = async (count: number, offset: number) => {
    const paths = Array.from({ length: count }, (_, index) => `/v1/runs/idle-${(offset + index) % RUNS}/stream`);
    return watchers.gather({ transport, host: '127.0.0.1', port: service.port, paths, headers });
  };
  // What the first clients need once (code, buffers, the runs' own state) is not the clients'.
  const first = await watch(RUNS, 0);
  await delay(1_000);
  const before = service.residentBytes();
  const audience = await watch(clients - RUNS, RUNS);
  const connected = service.residentBytes();
  await delay(quick ? 5_000 : SETTLED_MS);
  const bytes = (service.residentBytes() - before) / (clients - RUNS);
  const cpu = service.cpuMs();
  await delay(2_000);
  const cpuShare = (service.cpuMs() - cpu) / 2_000;
  report(
    `${transport}: ${(bytes / 1_024).toFixed(1)} KB a client (${((connected - before) / (clients - RUNS) / 1_024).toFixed(1)} ` +
      `just after connecting), ${Math.round(cpuShare * 100)} % of a core`,
  );
  await audience.leave();
  await first.leave();
  await service.stop();
  return bytes / 1_024;
}
