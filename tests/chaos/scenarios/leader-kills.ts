import { waitFor } from '@runcast/test-harness';
import { median } from '../check/percentile.ts';
import { secondsSince } from '../faults/fault.ts';
import type { Scenario } from './scenario.ts';
import { underLoad, type Underway } from './under-load.ts';

const KILLS = 10;
const ELECTION_MS = 30_000;

/**
 * The NATS leader is killed again and again. Shows how long ingest is away each time, and how much of that is the
 * election, which nobody but nats-server can shorten: followers wait 4 to 9 seconds before they stand.
 */
export const leaderKills: Scenario = (stage) => {
  const options = {
    load: { eventsPerSecond: 400, producers: 16, batch: 5, runLength: [20, 60] as const },
    watchers: { maxFeeds: 40 },
    acked: 10_000,
  };
  return underLoad(stage, options, async (underway) => {
    const kills: Kill[] = [];
    for (let turn = 0; turn < KILLS; turn += 1) {
      kills.push(await killAndWait(underway));
      const { electionSeconds, seconds } = kills.at(-1)!;
      stage.report(`kill ${turn + 1}: a new leader after ${electionSeconds} s, 202 again after ${seconds} s`);
    }
    const own = kills.map(({ seconds, electionSeconds }) => Math.max(0, seconds - electionSeconds));
    const shown = (values: readonly number[]): string =>
      `${median(values).toFixed(2)}, ${Math.max(...values).toFixed(2)}`;
    return {
      faults: KILLS,
      recoveries: kills.map(({ seconds }) => ({ name: 'ingestAfterNatsLeaderKill', seconds })),
      facts: [
        ['202 again, median and longest, s', shown(kills.map(({ seconds }) => seconds))],
        ['election, median and longest, s', shown(kills.map(({ electionSeconds }) => electionSeconds))],
        ['behind the election, s', shown(own)],
      ],
    };
  });
};

interface Kill {
  readonly seconds: number;
  readonly electionSeconds: number;
}

async function killAndWait({ system: { nats }, load }: Underway): Promise<Kill> {
  const leader = await nats.leader();
  const killed = performance.now();
  const taken = load.nextTaken(killed);
  await leader.kill();
  const elected = async (): Promise<number | undefined> =>
    (await nats.leader()) === leader ? undefined : performance.now();
  const describe = 'another node leads';
  const electedAt = await waitFor(elected, { timeoutMs: ELECTION_MS, describe });
  const kill = { seconds: secondsSince(killed, await taken), electionSeconds: secondsSince(killed, electedAt) };
  await leader.start();
  await nats.whenHealthy();
  return kill;
}
