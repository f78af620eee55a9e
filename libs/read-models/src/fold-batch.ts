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
  /** The sessions that it has joined. */
  readonly sessions: Set<string>;
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
 * Folds links that are new, and those events that `isNew` says are, into the working set, in log order. Returns the new
 * links: whether a run has joined a session is known without asking, since a run is loaded with all of them.
 * @throws {UnfoldableEntryError} when a fold throws, which is the fault of the entry.
 */
export function foldBatch(
  set: WorkingSet,
  entries: readonly LogEntry[],
  isNew: (event: RecordedEvent) => boolean,
): RecordedLink[] {
  const joined: RecordedLink[] = [];
  for (const entry of entries) {
    try {
      if (entry.kind === 'link' && join(set, entry.link)) joined.push(entry.link);
      if (entry.kind === 'event' && isNew(entry.event)) happen(set, entry.event);
    } catch (error) {
      throw new UnfoldableEntryError(error);
    }
  }
  return joined;
}

function join(set: WorkingSet, link: RecordedLink): boolean {
  const { sessions } = set.runs.get(keyOf(link.tenant, link.run))!;
  if (sessions.has(link.session)) return false;
  sessions.add(link.session);
  foldInto(set, link.tenant, link.session, { kind: 'run-joined', link });
  return true;
}

/** An event counts for the sessions that its run has joined before it: a link later in the batch comes too late. */
function happen(set: WorkingSet, event: RecordedEvent): void {
  const known = set.runs.get(keyOf(event.tenant, event.run))!;
  known.state = foldRun(known.state, event);
  known.lastActivityAt = event.receivedAt;
  for (const session of known.sessions) foldInto(set, event.tenant, session, { kind: 'event', session, event });
}

function foldInto(set: WorkingSet, tenant: string, session: string, fact: SessionFact): void {
  const key = keyOf(tenant, session);
  set.sessions.set(key, foldSession(set.sessions.get(key), fact));
}
