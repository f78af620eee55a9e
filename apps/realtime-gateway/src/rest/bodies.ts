import type { RunSummary, SessionState } from '@runcast/read-models';
import { formatPosition, runBody as bodyOfRun, type Position, type RunBody, type RunState } from '@runcast/run-events';

/** Turns the newest sequence of a row into the position that every transport understands. */
export type PositionOf = (sequence: number) => Position;

/** A run as the API shows it. `input` and `output` only where a single run is asked for. */
export function runBody(run: RunSummary | RunState, positionOf: PositionOf): RunBody {
  return bodyOfRun(run, formatPosition(positionOf(run.lastSequence)));
}

export function sessionBody(session: SessionState, positionOf: PositionOf) {
  return {
    id: session.session,
    agent: session.agent,
    run_count: session.runCount,
    event_count: session.eventCount,
    first_event_at: session.firstEventAt,
    last_event_at: session.lastEventAt,
    last_activity_at: session.lastActivityAt,
    position: formatPosition(positionOf(session.lastSequence)),
  };
}
