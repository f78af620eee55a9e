import { formatPosition } from '@runcast/run-events';
import type { Logger } from '@runcast/service-host';
import type { EventResult } from './event-result.ts';
import type { OnResult } from './intake.ts';

/**
 * A line for each event, at `debug`: what somebody who looks for one run's events asks the logs for. None of its text:
 * that may hold what a log must not.
 */
export function logResults(logger: Logger): OnResult {
  return (result, { tenant, dialect, intake }) => {
    // Asked first: at thousands of events a second, a line that nobody sees must cost nothing.
    if (!logger.isLevelEnabled('debug')) return;
    logger.debug({ tenant, dialect, intake, ...factsOf(result) }, `event ${result.status}`);
  };
}

function factsOf(result: EventResult): object {
  if (result.status === 'invalid') return { fields: result.errors.map(({ field }) => field) };
  if (!('event' in result)) return {};
  const { id, run, session } = result.event;
  return { event_id: id, run, session, position: formatPosition(result.position) };
}
