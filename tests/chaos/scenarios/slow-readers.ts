import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { growthPercent, percentile } from '../check/percentile.ts';
import type { Replica } from '../world/replica.ts';
import { NeverReads } from '../watch/never-reads.ts';
import type { Scenario } from './scenario.ts';
import { underLoad, type Underway } from './under-load.ts';

const READERS = 400;
const NEVER = 100;
const RUNS = 40;
const EVENTS_PER_SECOND = 400;
/** Enough that the buffers of the kernel are full within seconds. */
const PADDING = 4_000;
const ALONE_MS = 60_000;
const BESIDE_MS = 300_000;
const SETTLE_MS = 15_000;
const SAMPLE_MS = 5_000;
const MAX_SLOWER_PERCENT = 20;
/** What the garbage collector leaves and takes between two samples of a process of this size. */
const MAX_GROWTH_PERCENT = 10;

/** 100 clients that never read beside 400 that do, on the same runs. */
export const slowReaders: Scenario = (stage) => {
  let latencies: number[] = [];
  const length = (EVENTS_PER_SECOND / RUNS) * ((ALONE_MS + BESIDE_MS) / 1_000 + 120);
  const options = {
    deployment: { stallMs: 20_000 },
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
    await sleep(SETTLE_MS);
    latencies = [];
    await sleep(ALONE_MS);
    const alone = percentile(latencies, 0.99);
    stage.report(`${READERS} readers alone: p99 ${alone} ms of ${latencies.length} deliveries`);
    const never = startNeverReaders(underway);
    await sleep(SETTLE_MS);
    latencies = [];
    const memory = await sampleMemory(underway.system.realtime, BESIDE_MS);
    const beside = percentile(latencies, 0.99);
    never.forEach((client) => client.stop());
    stage.report(`${NEVER} that never read beside them: p99 ${beside} ms`);
    const slower = Math.round((beside / alone - 1) * 100);
    const growth = Math.round(growthPercent(memory) * 10) / 10;
    return {
      faults: NEVER,
      facts: [
        ['p99 without them, ms', alone],
        ['p99 beside them, ms', beside],
        ['deliveries measured', latencies.length],
        ['sent away and came again', never.reduce((sum, { sentAway }) => sum + sentAway, 0)],
        ['memory of 3 gateways, MB', `${Math.round(Math.min(...memory))} to ${Math.round(Math.max(...memory))}`],
        ['memory growth, %', growth],
      ],
      failures: [
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
    return new NeverReads(url, runs[index % runs.length]!, system.apiKey, index % 2 === 0 ? 'SSE' : 'WebSocket');
  });
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
