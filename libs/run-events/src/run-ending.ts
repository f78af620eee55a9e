import type { RecordedEvent } from './event.ts';
import { isOver, type RunState } from './run-state.ts';
import type { Timestamp } from './timestamps.ts';

/**
 * What of a run's state says whether the run is over: little enough to be followed by every reader of a feed, event by
 * event. Always in agreement with foldRun; a reader that began in the middle of the run may know less.
 */
export interface RunEnding {
  /** `stale`: given up for silence, until the next word. Absent: what was before the first event seen decides it. */
  readonly end?: 'running' | 'over' | 'stale' | undefined;
  /** Whether this attempt's run.started has been seen; absent when it is not known. */
  readonly startSeen?: boolean | undefined;
  /** Of this attempt; absent while it is not over, or when it is not known. */
  readonly endedAt?: Timestamp | undefined;
  /** The latest occurred_at of any event; absent before the first. */
  readonly lastEventAt?: Timestamp | undefined;
}

/** Before the first event of the run. */
export const BEFORE_THE_START: RunEnding = { end: 'running', startSeen: false };
/** Somewhere in the run. */
export const IN_THE_MIDDLE: RunEnding = {};

export function endingOf({ status, statusReason, startSeen, endedAt, lastEventAt }: RunState): RunEnding {
  const over = statusReason === 'stale' ? 'stale' : 'over';
  return { end: isOver(status) ? over : 'running', startSeen, endedAt, lastEventAt };
}

/** After one more event, in the order of the log. */
export function endingAfter(before: RunEnding, event: RecordedEvent): RunEnding {
  const { lastEventAt } = before;
  const latest = lastEventAt !== undefined && lastEventAt > event.occurredAt ? lastEventAt : event.occurredAt;
  return { ...moved(before, event), lastEventAt: latest };
}

function moved(before: RunEnding, event: RecordedEvent): RunEnding {
  const { end } = before;
  switch (event.type) {
    case 'run.started':
      return started(before, event.occurredAt);
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      if (end === 'over') return before;
      // It may have been over before, and then ended earlier than this says.
      return { ...before, end: 'over', endedAt: end === undefined ? undefined : event.occurredAt };
    case 'run.went-stale':
      return end === 'running' ? { ...before, end: 'stale', endedAt: event.occurredAt } : before;
    default:
      return end === 'stale' ? { ...before, end: 'running', endedAt: undefined } : before;
  }
}

function started(before: RunEnding, at: Timestamp): RunEnding {
  const running: RunEnding = { ...before, end: 'running', startSeen: true, endedAt: undefined };
  // Whether it comes late or begins a new attempt: it runs.
  if (before.end === 'running' || before.end === 'stale') return running;
  const late = before.end === 'over' ? isLateStart(before, at) : undefined;
  if (late === undefined) return { ...before, end: undefined, startSeen: true, endedAt: undefined };
  return late ? { ...before, startSeen: true } : running;
}

/**
 * Whether a run.started belongs to the attempt under way although other events of it arrived earlier: it has not been
 * seen yet, and it says that it happened before them. Anything else begins a new attempt. `undefined`: cannot be told.
 */
export function isLateStart({ startSeen, endedAt, lastEventAt }: RunEnding, at: Timestamp): boolean | undefined {
  if (startSeen === true) return false;
  const overtaken = endedAt ?? (startSeen === false ? lastEventAt : undefined);
  if (overtaken !== undefined && at > overtaken) return false;
  return startSeen === false ? true : undefined;
}
