import type { Recovery } from '../faults/fault.ts';
import { runFaults } from '../faults/run-faults.ts';
import { FAULT_KINDS, schedule, SHORT_KINDS, type FaultKind } from '../schedule.ts';
import type { Scenario } from './scenario.ts';
import { underLoad, type UnderLoadOptions } from './under-load.ts';

type Size = UnderLoadOptions & {
  readonly kinds: readonly FaultKind[];
  readonly faults: number;
};

const SHORT: Size = {
  kinds: SHORT_KINDS,
  faults: SHORT_KINDS.length,
  acked: 21_000,
  load: { eventsPerSecond: 900, producers: 24, batch: 20, runLength: [50, 300] },
  watchers: { maxFeeds: 40 },
};

const FULL: Size = {
  kinds: Object.keys(FAULT_KINDS) as FaultKind[],
  faults: 3 * Object.keys(FAULT_KINDS).length,
  acked: 310_000,
  load: { eventsPerSecond: 1_500, producers: 40, batch: 20, runLength: [100, 1_500] },
  watchers: { maxFeeds: 60 },
};

/** Every fault there is, against a system under load. */
function faultStorm(size: Size): Scenario {
  return (stage) =>
    underLoad(stage, size, async ({ system, load }) => {
      stage.report(`network between the NATS nodes: ${system.nats.network.kind}`);
      const kinds = system.nats.smallDisk ? size.kinds : size.kinds.filter((kind) => kind !== 'disk full');
      const planned = schedule(stage.seed, kinds, size.faults);
      const { done, recoveries, failures } = await runFaults(planned, { system, load }, stage.report);
      return { faults: done, recoveries, failures, facts: countsOf(recoveries) };
    });
}

function countsOf(recoveries: readonly Recovery[]): [string, number][] {
  return [...Map.groupBy(recoveries, ({ name }) => name)].map(([name, all]) => [`times ${name}`, all.length]);
}

export const shortStorm = faultStorm(SHORT);
export const fullStorm = faultStorm(FULL);
