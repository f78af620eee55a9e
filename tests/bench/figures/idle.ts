import { setTimeout as delay } from 'node:timers/promises';
import { Watchers } from '../load/audience.ts';
import { Program } from '../load/program.ts';
import type { Methods } from '../load/serve.ts';
import type { Transport } from '../load/watchers.ts';
import { cpuMsOf, residentBytesOf } from '../measure/process-cost.ts';
import type { BareSseMethods } from '../peers/bare-sse.ts';
import type { BareWsMethods } from '../peers/bare-ws.ts';
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
      const measure = (host: Host): Promise<number> => perClient(bench, host, watchers, transport, clients);
      const value = await measure(await runcast(installation));
      const bare = await measure(await BARE[transport].start());
      const figure = `idle: ${clients} clients, ${transport}`;
      const against = { name: BARE[transport].name, values: [bare] };
      const target = { of: 'value', atMost: 12 } as const;
      results.push(resultOf({ figure, unit: 'KB/client', values: [value], against, target }));
    }
    return results;
  });
}

/** A process that clients connect to. */
interface Host {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly headers: string;
  readonly stop: () => Promise<void>;
}

async function runcast(installation: Installation): Promise<Host> {
  const service = await installation.start('realtime-gateway');
  const { pid, port } = service;
  return { name: 'runcast', pid, port, headers: installation.headers, stop: () => service.stop() };
}

/** The same connections with nothing of ours: what Node itself needs for each. */
const BARE: Readonly<Record<Transport, { readonly name: string; readonly start: () => Promise<Host> }>> = {
  websocket: { name: 'bare ws', start: () => bare<BareWsMethods>('bare ws', 'peers/bare-ws') },
  sse: { name: 'bare node:http', start: () => bare<BareSseMethods>('bare node:http', 'peers/bare-sse') },
};

async function bare<M extends Methods & { listen(): Promise<number> }>(name: string, path: string): Promise<Host> {
  const program = await Program.start<M>(path);
  const port = await program.call('listen', undefined);
  return { name, pid: program.pid, port, headers: '', stop: () => program.stop() };
}

async function perClient(
  { report, quick }: Bench,
  host: Host,
  watchers: Watchers,
  transport: Transport,
  clients: number,
): Promise<number> {
  const watch = async (count: number, offset: number) => {
    const paths = Array.from({ length: count }, (_, index) => `/v1/runs/idle-${(offset + index) % RUNS}/stream`);
    return watchers.gather({ transport, host: '127.0.0.1', port: host.port, paths, headers: host.headers });
  };
  // What the first clients need once (code, buffers, the runs' own state) is not the clients'.
  const first = await watch(RUNS, 0);
  await delay(1_000);
  const before = residentBytesOf(host.pid);
  const audience = await watch(clients - RUNS, RUNS);
  const connected = residentBytesOf(host.pid);
  await delay(quick ? 5_000 : SETTLED_MS);
  const bytes = (residentBytesOf(host.pid) - before) / (clients - RUNS);
  const cpu = cpuMsOf(host.pid);
  await delay(2_000);
  const cpuShare = (cpuMsOf(host.pid) - cpu) / 2_000;
  report(
    `${host.name}, ${transport}: ${(bytes / 1_024).toFixed(1)} KB a client (${((connected - before) / (clients - RUNS) / 1_024).toFixed(1)} ` +
      `just after connecting), ${Math.round(cpuShare * 100)} % of a core`,
  );
  await audience.leave();
  await first.leave();
  await host.stop();
  return bytes / 1_024;
}
