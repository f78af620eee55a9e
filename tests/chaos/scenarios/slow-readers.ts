import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../check/percentile.ts';
import { judgeRounds, type Round } from '../check/rounds.ts';
import { NeverReads } from '../watch/never-reads.ts';
import type { Replica } from '../world/replica.ts';
import type { Scenario, Stage } from './scenario.ts';
import { underLoad, type Underway } from './under-load.ts';

const READERS = 400;
const NEVER = 100;
const RUNS = 8;
const EVENTS_PER_SECOND = 32;
const PADDING = 4_000;
/** Runs whose beginning alone fills all buffers of the kernel: who does not read them stalls at once. */
const HEAVY = { producers: 2, head: { events: 50, padding: 100_000 } };
/** Who stalls stays for nearly all of a round. */
const STALL_MS = 45_000;
/** Over WebSocket it is the second ping without an answer that ends it. */
const HEARTBEAT_MS = 20_000;
/** Odd, so that the median is one that was measured. Together they are five minutes beside them. */
const ROUNDS = 5;
/** Until the gateways hold as many recent events of each run as they ever will: what grows after that is of another kind. */
const WARM_UP_MS = 75_000;
const ALONE_MS = 20_000;
const BESIDE_MS = 60_000;
/** In which those who never read come, one by one. */
const ARRIVAL_MS = 10_000;
const SETTLE_MS = 5_000;
const SAMPLE_MS = 2_000;

/**
 * 100 clients that never read beside 400 that do; 100 of these on the very same runs. In rounds, without them and with them in turn: a
 * machine does not stay the same for minutes, and neighbours in time can be compared.
 */
export const slowReaders: Scenario = (stage) => {
  let delays: number[] = [];
  const seconds = (WARM_UP_MS + ROUNDS * (ALONE_MS + BESIDE_MS + ARRIVAL_MS + SETTLE_MS)) / 1_000;
  const length = (EVENTS_PER_SECOND / RUNS) * (seconds + 120);
  const options = {
    deployment: { stallMs: STALL_MS, heartbeatMs: HEARTBEAT_MS },
    load: {
      eventsPerSecond: EVENTS_PER_SECOND,
      producers: RUNS,
      batch: 1,
      runLength: [length, length] as const,
      padding: PADDING,
      heavy: HEAVY,
      runsPerProducer: 1,
    },
    watchers: {
      maxFeeds: READERS,
      onShown: (sentAt: string) => void delays.push(Date.now() - Date.parse(sentAt)),
    },
    clientsPerRun: READERS / RUNS,
  };
  const p99During = async (what: string, meanwhile: () => Promise<unknown>): Promise<number> => {
    delays = [];
    await meanwhile();
    const p99 = percentile(delays, 0.99);
    stage.report(`${what}: p99 ${p99} ms, median ${percentile(delays, 0.5)} ms of ${delays.length} deliveries`);
    return p99;
  };
  return underLoad(stage, options, async (underway) => {
    await p99During('warming up', () => sleep(WARM_UP_MS));
    const rounds: Round[] = [];
    for (let turn = 1; turn <= ROUNDS; turn += 1) {
      const aloneMs = await p99During(`round ${turn}, alone`, () => sleep(ALONE_MS));
      const never: NeverReads[] = [];
      const memory: number[] = [];
      await p99During(`round ${turn}, while they come`, () => arrive(underway, never));
      const besideMs = await p99During(`round ${turn}, beside them`, () =>
        sampleMemory(underway.system.realtime, BESIDE_MS, memory),
      );
      never.forEach((client) => client.stop());
      await p99During(`round ${turn}, when they are gone`, () => sleep(SETTLE_MS));
      rounds.push({ aloneMs, besideMs, memory });
    }
    const sentAway = sentAwayBy(stage, underway.system.realtime);
    // Half of them come over SSE, in each round.
    return { faults: NEVER * ROUNDS, ...judgeRounds(rounds, { sentAway, atLeast: (NEVER / 2) * ROUNDS * 0.9 }) };
  });
};

async function arrive({ system, load }: Underway, never: NeverReads[]): Promise<void> {
  const runs = [...load.sessions.keys()].slice(0, HEAVY.producers);
  for (let index = 0; index < NEVER; index += 1) {
    const url = system.readUrls[index % system.readUrls.length]!;
    const transport = index % 2 === 0 ? 'SSE' : 'WebSocket';
    never.push(new NeverReads(url, runs[index % runs.length]!, system.apiKey, transport));
    await sleep(ARRIVAL_MS / NEVER);
  }
}

/** How many clients the gateways gave up, as they say in their own logs. */
function sentAwayBy({ folder }: Stage, replicas: readonly Replica[]): number {
  const said = replicas.map(({ name }) => readFileSync(folder.file('logs', `${name}.log`), 'utf8'));
  return said.join('').split('closed a client that did not read').length - 1;
}

/** Notes what the processes hold together, in MB. */
async function sampleMemory(replicas: readonly Replica[], forMs: number, samples: number[]): Promise<void> {
  for (let passed = 0; passed < forMs; passed += SAMPLE_MS) {
    await sleep(SAMPLE_MS);
    samples.push(replicas.reduce((sum, { pid }) => sum + residentMb(pid), 0));
  }
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
