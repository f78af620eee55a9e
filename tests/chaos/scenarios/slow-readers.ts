import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { growthPercent, percentile } from '../check/percentile.ts';
import type { Replica } from '../world/replica.ts';
import { NeverReads } from '../watch/never-reads.ts';
import type { Scenario, Stage } from './scenario.ts';
import { underLoad, type Underway } from './under-load.ts';

const READERS = 400;
const NEVER = 100;
const RUNS = 40;
const EVENTS_PER_SECOND = 400;
/** Enough that a replay of what there is fills the buffers of the kernel at once. */
const PADDING = 4_000;
/** As in production: who stalls stays for most of the time. */
const STALL_MS = 60_000;
/** Over WebSocket it is the second ping without an answer that ends it. */
const HEARTBEAT_MS = 30_000;
const COMES_AGAIN_MS = 70_000;
const ALONE_MS = 60_000;
const BESIDE_MS = 300_000;
const SETTLE_MS = 15_000;
const SAMPLE_MS = 5_000;
const MAX_SLOWER_PERCENT = 20;
/** What the garbage collector leaves and takes between two samples of a process of this size. */
const MAX_GROWTH_PERCENT = 10;

/**
 * 100 clients that never read beside 400 that do, on the same runs. Those 400 are measured alone before and after: a
 * machine does not stay the same for minutes, and the difference of the two says how far it can be believed.
 */
export const slowReaders: Scenario = (stage) => {
  let latencies: number[] = [];
  const length = (EVENTS_PER_SECOND / RUNS) * ((2 * ALONE_MS + BESIDE_MS) / 1_000 + 120);
  const options = {
    deployment: { stallMs: STALL_MS, heartbeatMs: HEARTBEAT_MS },
    load: {
      eventsPerSecond: EVENTS_PER_SECOND,
      producers: RUNS,
      batch: 1,
      runLength: [length, length] as const,
      padding: PADDING,
      runsPerProducer: 1,
    },
    watchers: {
      maxFeeds: READERS,
      onShown: (sentAt: string) => void latencies.push(Date.now() - Date.parse(sentAt)),
    },
    clientsPerRun: READERS / RUNS,
  };
  return underLoad(stage, options, async (underway) => {
    const measure = async <T>(what: string, meanwhile: () => Promise<T>): Promise<{ p99: number; value: T }> => {
      await sleep(SETTLE_MS);
      latencies = [];
      const value = await meanwhile();
      const p99 = percentile(latencies, 0.99);
      stage.report(`${what}: p99 ${p99} ms of ${latencies.length} deliveries`);
      return { p99, value };
    };
    const before = await measure('alone', () => sleep(ALONE_MS));
    const never = startNeverReaders(underway);
    const beside = await measure('beside', () => sampleMemory(underway.system.realtime, BESIDE_MS));
    never.forEach((client) => client.stop());
    const after = await measure('alone again', () => sleep(ALONE_MS));
    const memory = beside.value;
    const sentAway = sentAwayBy(stage, underway.system.realtime);
    const slower = Math.round((beside.p99 / ((before.p99 + after.p99) / 2) - 1) * 100);
    const growth = Math.round(growthPercent(memory) * 10) / 10;
    return {
      faults: NEVER,
      facts: [
        ['p99 before, beside, after, ms', [before, beside, after].map(({ p99 }) => p99).join(', ')],
        ['slower beside them, %', slower],
        ['times an SSE client was given up', sentAway],
        ['memory of 3 gateways, MB', `${Math.round(Math.min(...memory))} to ${Math.round(Math.max(...memory))}`],
        ['memory growth, %', growth],
      ],
      failures: [
        ...(sentAway < NEVER / 2 ? [`only ${sentAway} stalled: did they keep anything busy?`] : []),
        ...(slower > MAX_SLOWER_PERCENT ? [`the p99 of the readers was ${slower} % higher beside them`] : []),
        ...(growth > MAX_GROWTH_PERCENT ? [`the gateways grew by ${growth} % from the middle to the end`] : []),
      ],
    };
  });
};

function startNeverReaders({ system, load }: Underway): NeverReads[] {
  const runs = [...load.sessions.keys()];
  return Array.from({ length: NEVER }, (_, index) => {
    const url = system.readUrls[index % system.readUrls.length]!;
    return new NeverReads(
      url,
      runs[index % runs.length]!,
      system.apiKey,
      index % 2 === 0 ? 'SSE' : 'WebSocket',
      COMES_AGAIN_MS,
    );
  });
}

/** How many clients the gateways gave up, as they say in their own logs. */
function sentAwayBy({ folder }: Stage, replicas: readonly Replica[]): number {
  const said = replicas.map(({ name }) => readFileSync(folder.file('logs', `${name}.log`), 'utf8'));
  return said.join('').split('closed a client that did not read').length - 1;
}

/** What the processes hold together, in MB, sample by sample. */
async function sampleMemory(replicas: readonly Replica[], forMs: number): Promise<number[]> {
  const samples: number[] = [];
  for (let passed = 0; passed < forMs; passed += SAMPLE_MS) {
    await sleep(SAMPLE_MS);
    samples.push(replicas.reduce((sum, { pid }) => sum + residentMb(pid), 0));
  }
  return samples;
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
