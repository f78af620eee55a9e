import { setTimeout as sleep } from 'node:timers/promises';
import { killOne } from '../faults/service-faults.ts';
import { killLeader } from '../faults/nats-faults.ts';
import type { PlannedFault } from '../schedule.ts';
import { seeded } from '../seeded.ts';
import type { Scenario } from './scenario.ts';
import { underLoad } from './under-load.ts';

const CLIENTS = 500;
const RUNS = 50;
const EVENTS_PER_SECOND = 500;
const SECONDS = 60;

/**
 * 500 clients over 3 gateways whose connections live 0.1 to 3 s and end at any byte, while a gateway and the NATS leader
 * are killed. Each must hold exactly 1..n of its run.
 */
export const restlessClients: Scenario = (stage) => {
  const random = seeded(stage.seed);
  const length = (EVENTS_PER_SECOND * SECONDS) / RUNS;
  const options = {
    deployment: { watcherLife: () => ({ bytes: random.between(100, 30_000), ms: random.between(100, 3_000) }) },
    load: {
      eventsPerSecond: EVENTS_PER_SECOND,
      producers: RUNS,
      batch: 5,
      runLength: [length, length] as const,
      runsPerProducer: 1,
    },
    watchers: { maxFeeds: CLIENTS },
    clientsPerRun: CLIENTS / RUNS,
    acked: RUNS * length,
  };
  return underLoad(stage, options, async ({ system, load, watchers }) => {
    const plan = { chance: random.next(), lengthMs: 0, pauseMs: 0 } as PlannedFault;
    await sleep((SECONDS * 1_000) / 4);
    await killOne('realtime')({ system, load }, plan);
    stage.report('a realtime gateway was killed');
    await sleep((SECONDS * 1_000) / 4);
    const recovery = await killLeader({ system, load }, plan);
    stage.report('the NATS leader was killed');
    return {
      faults: 2,
      recoveries: recovery ? [recovery] : [],
      facts: [['clients', watchers.waiting]],
      failures: watchers.waiting === CLIENTS ? [] : [`${watchers.waiting} clients were watching, not ${CLIENTS}`],
    };
  });
};
