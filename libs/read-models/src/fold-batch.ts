import { foldRun, type RecordedEvent, type RecordedLink, type RunState, type Timestamp } from '@runcast/run-events';
import type { ExpiryDay } from './expiry.ts';
import { UnfoldableEntryError } from './failures.ts';
import type { LogEntry } from './log-entry.ts';
import { foldSession, type SessionFact, type SessionState } from './session-state.ts';

/** A run as the projection knows it while it works: its row and the sessions it has joined. */
export interface KnownRun {
  /** Absent while the run has joined a session and has not said anything yet. */
  state: RunState | undefined;
  /** Absent as long as the run has said nothing. */
  expiresOn?: ExpiryDay;
  /** When the log stored the newest event that was folded; absent until one has been. */
  lastActivityAt?: Timestamp;
  /** Session to the sequence of the link. */
  readonly sessions: Map<string, number>;
}

/** The rows a batch stands on. Folding replaces the states in place. */
export interface WorkingSet {
  readonly runs: Map<string, KnownRun>;
  readonly sessions: Map<string, SessionState | undefined>;
}

/** Ids never hold NUL, so no two pairs share a key. */
export function keyOf(tenant: string, id: string): string {
  return `${tenant}\u0000${id}`;
}

/**
 * Folds those entries that are new (their sequences are in `fresh`) into the working set, in log order.
 * @throws {UnfoldableEntryError} when a fold throws, which is the fault of the entry.
 */
export function foldBatch(set: WorkingSet, entries: readonly LogEntry[], fresh: ReadonlySet<number>): void {
  for (const entry of entries) {
    try {
      if (entry.kind === 'link' && fresh.has(entry.link.position.sequence)) join(set, entry.link);
      if (entry.kind === 'event' && fresh.has(entry.event.position.sequence)) happen(set, entry.event);
    } catch (error) {
      throw new UnfoldableEntryError(error);
    }
  }
}

function join(set: WorkingSet, link: RecordedLink): void {
  set.runs.get(keyOf(link.tenant, link.run))?.sessions.set(link.session, link.position.sequence);
  foldInto(set, link.tenant, link.session, { kind: 'run-joined', link });
}

function happen(set: WorkingSet, event: RecordedEvent): void {
  const known = set.runs.get(keyOf(event.tenant, event.run))!;
  known.state = foldRun(known.state, event);
  known.lastActivityAt = event.receivedAt;
  for (const [session, linkedSequence] of known.sessions) {
    // A link that stands later in this batch is known already and does not count yet.
    if (linkedSequence < event.position.sequence)
      foldInto(set, event.tenant, session, { kind: 'event', session, event });
  }
}

function foldInto(set: WorkingSet, tenant: string, session: string, fact: SessionFact): void {
  const key = keyOf(tenant, session);
  set.sessions.set(key, foldSession(set.sessions.get(key), fact));
}
