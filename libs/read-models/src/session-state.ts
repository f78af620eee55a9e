import type { RecordedEvent, RecordedLink, Timestamp } from '@runcast/run-events';

/** What is known of a session after a prefix of the log. See {@link foldSession}. */
export interface SessionState {
  readonly tenant: string;
  readonly session: string;
  /** The first agent that any event of the session named. */
  readonly agent?: string | undefined;
  /** How many runs joined. */
  readonly runCount: number;
  readonly eventCount: number;
  /** The earliest and the latest occurred_at; absent until the first event. */
  readonly firstEventAt?: Timestamp | undefined;
  readonly lastEventAt?: Timestamp | undefined;
  /** When the log stored the session's newest event: the log's clock, so it never runs backwards. */
  readonly lastActivityAt?: Timestamp | undefined;
  /** Stream sequences of the first and the newest record (link or event) of the session. */
  readonly firstSequence: number;
  readonly lastSequence: number;
}

export type SessionFact =
  | { readonly kind: 'run-joined'; readonly link: RecordedLink }
  | { readonly kind: 'event'; readonly session: string; readonly event: RecordedEvent };

/**
 * The state of a session after one more fact. Total and pure, like foldRun.
 *
 * An event belongs to a session if and only if its run joined the session before it: whoever calls gives exactly those,
 * in log order, each once, and each (session, run) joins once.
 */
export function foldSession(before: SessionState | undefined, fact: SessionFact): SessionState {
  if (fact.kind === 'run-joined') {
    const { tenant, session, position } = fact.link;
    const state = before ?? firstState(tenant, session, position.sequence);
    return { ...state, runCount: state.runCount + 1, lastSequence: position.sequence };
  }
  const { session, event } = fact;
  const state = before ?? firstState(event.tenant, session, event.position.sequence);
  return {
    ...state,
    agent: state.agent ?? event.agent,
    eventCount: state.eventCount + 1,
    firstEventAt: earlier(state.firstEventAt, event.occurredAt),
    lastEventAt: later(state.lastEventAt, event.occurredAt),
    lastActivityAt: event.receivedAt,
    lastSequence: event.position.sequence,
  };
}

function firstState(tenant: string, session: string, sequence: number): SessionState {
  return { tenant, session, runCount: 0, eventCount: 0, firstSequence: sequence, lastSequence: sequence };
}

function earlier(left: Timestamp | undefined, right: Timestamp): Timestamp {
  return left !== undefined && left < right ? left : right;
}

function later(left: Timestamp | undefined, right: Timestamp): Timestamp {
  return left !== undefined && left > right ? left : right;
}
