import type { RecordedEvent } from '@runcast/run-events';

/**
 * Whether the run is over after one more event, as far as a feed can tell that may have begun in the middle;
 * `undefined` while no event of it told. What follows an end changes nothing, but a new start, or a word from a run that
 * was given up as stale, makes it run again.
 */
export function overAfter(before: RunEnd, event: RecordedEvent): RunEnd {
  switch (event.type) {
    case 'run.started':
      return 'running';
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return before === 'stale' || before === undefined || before === 'running' ? 'over' : before;
    case 'run.went-stale':
      return before === 'over' ? 'over' : 'stale';
    default:
      return before === 'stale' ? 'running' : before;
  }
}

export type RunEnd = 'running' | 'over' | 'stale' | undefined;
