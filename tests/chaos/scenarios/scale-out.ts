import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@runcast/test-harness';
import { judgePhases, type Phase } from '../check/phases.ts';
import { secondsSince, type Fault, type Recovery } from '../faults/fault.ts';
import { killLeaderOf } from '../faults/nats-faults.ts';
import { killOne, killProjectorOf, writingProjector } from '../faults/service-faults.ts';
import type { PlannedFault } from '../schedule.ts';
import { seeded } from '../seeded.ts';
import type { Deployment } from '../world/deployment.ts';
import type { Scenario } from './scenario.ts';
import { underLoad, type Underway } from './under-load.ts';

/** In the order of the shards in which they live, of two; phases in which a shard takes nothing are refused. */
const TENANTS = ['south', 'north'];
const SHARDS = [0, 1];
/** So long everything is there: long enough for watchers to spread over a gateway that came back. */
const WELL_MS = 15_000;
const SHARED_MS = 60_000;

interface Step {
  readonly name: string;
  readonly fault?: Fault;
  /** Whose requests are looked at: the tenant of that shard. */
  readonly shard?: number;
}

const STEPS: readonly Step[] = [
  { name: 'all is well' },
  { name: 'kill -9 ingest gateway', fault: killOne('ingest') },
  { name: 'kill -9 realtime gateway', fault: killOne('realtime') },
  { name: 'kill -9 projector, shard 0', fault: killProjectorOf(0) },
  { name: 'kill -9 NATS leader, shard 1', fault: killLeaderOf(1), shard: 1 },
  { name: 'all is well again' },
];

/** Several of everything carry the load of two tenants on two shards; one of each is killed. */
export const scaleOut: Scenario = (stage) => {
  const options = {
    deployment: { shards: SHARDS.length, ingestGateways: 3, tenants: TENANTS, smallDisk: false },
    load: { eventsPerSecond: 120, producers: 8, batch: 5, runLength: [50, 200] as const },
    watchers: { maxFeeds: 40 },
    clientsPerRun: 4,
  };
  return underLoad(stage, options, async (underway) => {
    const random = seeded(stage.seed);
    const phases: Phase[] = [];
    const recoveries: Recovery[] = [];
    await whenShared(underway.system);
    for (const step of STEPS) {
      const plan = { chance: random.next(), lengthMs: 0, pauseMs: 0 } as PlannedFault;
      const { phase, recovery } = await carryOut(step, plan, underway);
      phases.push(phase);
      if (recovery) recoveries.push(recovery);
      stage.report(`${phase.name}: ${phase.acked.join(' + ')} events in ${phase.seconds} s`);
    }
    const faults = STEPS.filter(({ fault }) => fault !== undefined).length;
    return { faults, recoveries, ...judgePhases(phases) };
  });
};

async function carryOut(
  { name, fault, shard = 0 }: Step,
  plan: PlannedFault,
  { system, traffic, journal }: Underway,
): Promise<{ phase: Phase; recovery: Recovery | void }> {
  const begun = performance.now();
  const before = SHARDS.map((each) => journal.sizeOf(each));
  const recovery = await fault?.({ system, load: traffic[shard]!.load }, plan);
  await Promise.all(system.replicas.map((each) => each.whenReady()));
  await whenShared(system);
  await sleep(WELL_MS);
  const seconds = secondsSince(begun);
  const acked = SHARDS.map((each) => journal.sizeOf(each) - before[each]!);
  const holders = await holdersOf(system);
  const leaders = await Promise.all(SHARDS.map(async (each) => (await system.nats.leader(each)).name));
  const streams = await Promise.all(system.realtime.map((each) => each.metric('runcast_open_streams')));
  return { phase: { name, seconds, acked, lag: await system.lag(), streams, holders, leaders }, recovery };
}

/** Resolves when no projector writes two shards: whoever comes back is given its share within a lease. */
async function whenShared(system: Deployment): Promise<void> {
  const shared = async (): Promise<boolean> => new Set(await holdersOf(system)).size === SHARDS.length;
  await waitFor(shared, { timeoutMs: SHARED_MS, describe: 'the projectors share the shards' });
}

/** Who writes each shard. */
async function holdersOf(system: Deployment): Promise<string[]> {
  const holders = await Promise.all(SHARDS.map((shard) => writingProjector(system, shard)));
  return holders.map(({ name }) => name.replace('projector-', 'p'));
}
