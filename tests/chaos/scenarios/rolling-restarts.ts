import { rollingRestart } from '../faults/service-faults.ts';
import type { PlannedFault } from '../schedule.ts';
import type { Scenario } from './scenario.ts';
import { underLoad } from './under-load.ts';

const RESTARTS = 20;
/** What a standard client tries before it tells its caller. */
const STANDARD_ATTEMPTS = 8;
const ABNORMAL = 1006;

/** Deploys twenty times under load: nothing fails that a standard retry does not cover, and nobody is just cut off. */
export const rollingRestarts: Scenario = (stage) => {
  const options = {
    load: { eventsPerSecond: 500, producers: 20, batch: 10, runLength: [100, 600] as const },
    watchers: { maxFeeds: 60 },
  };
  return underLoad(stage, options, async (underway) => {
    for (let turn = 1; turn <= RESTARTS; turn += 1) {
      await rollingRestart(underway, {} as PlannedFault);
      stage.report(`rolling restart ${turn} of ${RESTARTS}`);
    }
    const { closeCodes } = underway.watchers;
    const abnormal = closeCodes.get(ABNORMAL) ?? 0;
    return {
      faults: RESTARTS,
      facts: [['close codes', [...closeCodes].map(([code, count]) => `${code}: ${count}`).join(', ')]],
      failures: [
        ...(abnormal > 0 ? [`${abnormal} connections were closed with ${ABNORMAL}`] : []),
        ...(underway.load.mostAttempts > STANDARD_ATTEMPTS
          ? [`a request needed ${underway.load.mostAttempts} attempts, a standard client makes ${STANDARD_ATTEMPTS}`]
          : []),
      ],
    };
  });
};
