import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@runcast/test-harness';
import { writingProjector } from '../faults/service-faults.ts';
import { seeded } from '../seeded.ts';
import type { Deployment } from '../world/deployment.ts';
import type { Scenario } from './scenario.ts';
import { underLoad } from './under-load.ts';

const KILLS = 100;
/** Short, so that a hundred take-overs fit into minutes. */
const LEASE_MS = 1_000;
/** One in so many is not killed but frozen beyond its lease, and wakes to find another in its place. */
const FROZEN_ONE_IN = 8;

/** Kills the projector that writes, again and again, at any point of what it does. */
export const projectorKills: Scenario = (stage) => {
  const options = {
    deployment: { leaseMs: LEASE_MS },
    load: { eventsPerSecond: 300, producers: 12, batch: 10, runLength: [20, 200] as const },
    watchers: { maxFeeds: 10 },
  };
  return underLoad(stage, options, async ({ system }) => {
    const random = seeded(stage.seed);
    const before = await system.postgres.projection();
    let woken = 0;
    for (let kills = 0; kills < KILLS;) {
      await sleep(random.between(0, 700));
      // Some die with a COMMIT on its way, whose answer they would not have learned either.
      if (random.next() < 0.2) system.doors.postgres.cutAfterSending('COMMIT');
      if (random.between(1, FROZEN_ONE_IN) === 1) {
        await freezeUntilReplaced(system);
        woken += 1;
        continue;
      }
      await (await writingProjector(system)).kill();
      kills += 1;
      if (kills % 20 === 0) stage.report(`${kills} projectors were killed`);
    }
    const { fence } = await system.postgres.projection();
    return {
      faults: KILLS + woken,
      facts: [
        ['projectors killed', KILLS],
        ['frozen, replaced and woken', woken],
        ['times the shard changed hands', fence - before.fence],
      ],
    };
  });
};

/** Two processes that both believe to own the shard: the one that wakes must not be able to write. */
async function freezeUntilReplaced(system: Deployment): Promise<void> {
  const frozen = await writingProjector(system);
  frozen.freeze();
  try {
    const replaced = async (): Promise<boolean> =>
      !(await system.postgres.projection()).holder?.includes(`-${frozen.pid}-`);
    await waitFor(replaced, { timeoutMs: 30_000, describe: 'the frozen projector is replaced' });
  } finally {
    frozen.thaw();
  }
}
