import type { RunState } from '@runcast/run-events';
import type { KnownRun, WorkingSet } from './fold-batch.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { SessionState } from './session-state.ts';

/** Bounds of what stays in memory between batches, in characters of JSON (runs) and in sessions. */
const MAX_RUN_CHARACTERS = 64_000_000;
const MAX_SESSIONS = 20_000;
/** A run's row without its payloads weighs about this. */
const ROW_CHARACTERS = 1_000;

/**
 * The runs and sessions that were touched lately, as the newest batch leaves them: ahead of the tables while its
 * transaction is under way.
 *
 * What is kept is right only as long as every transaction commits and nobody else writes: {@link forget} after a
 * failure, after having been fenced out, and when somebody else has changed rows.
 */
export class WorkingMemory {
  readonly #runs: RecentlyUsed<KnownRun>;
  readonly #sessions = new RecentlyUsed<SessionState>(MAX_SESSIONS);
  /** Kept whatever it weighs: the tables may not have it yet, so nobody may look it up there. */
  #newest: WorkingSet = nothing();
  #generation = 0;

  constructor(maxRunCharacters = MAX_RUN_CHARACTERS) {
    this.#runs = new RecentlyUsed(maxRunCharacters);
  }

  /** Another number after each {@link forget}: what was worked out before it stands on rows that may never be. */
  get generation(): number {
    return this.#generation;
  }

  forget(): void {
    this.#runs.clear();
    this.#sessions.clear();
    this.#newest = nothing();
    this.#generation += 1;
  }

  run(key: string): KnownRun | undefined {
    return this.#newest.runs.get(key) ?? this.#runs.get(key);
  }

  session(key: string): SessionState | undefined {
    return this.#newest.sessions.get(key) ?? this.#sessions.get(key);
  }

  /** The rows as one more batch leaves them. Before the next look-up the batch before that one must be in the tables. */
  remember(touched: WorkingSet): void {
    this.#newest = touched;
    for (const [key, known] of touched.runs) this.#runs.put(key, known, charactersOf(known.state));
    for (const [key, state] of touched.sessions) if (state) this.#sessions.put(key, state, 1);
  }
}

function nothing(): WorkingSet {
  return { runs: new Map(), sessions: new Map() };
}

function charactersOf(state: RunState | undefined): number {
  return ROW_CHARACTERS + length(state?.input) + length(state?.output) + length(state?.error);
}

/** Payloads are never changed in place, so each is measured once however many batches carry it along. */
const lengths = new WeakMap<object, number>();

function length(payload: unknown): number {
  if (typeof payload === 'string') return payload.length;
  if (typeof payload !== 'object' || payload === null) return 0;
  const known = lengths.get(payload) ?? JSON.stringify(payload).length;
  lengths.set(payload, known);
  return known;
}
