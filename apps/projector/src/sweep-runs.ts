import type { EventLog } from '@runcast/event-log';
import { findIdleRuns, type Database, type IdleLimits, type IdleRun, type Projection } from '@runcast/read-models';
import type { LogClock } from './log-clock.ts';
import { wentStale } from './went-stale.ts';

export interface SweepRules {
  readonly everyMs: number;
  /** For agents without limits of their own. */
  readonly limits: IdleLimits;
  /** How much silence of the whole shard is not held against a run. */
  readonly allowanceMs: number;
}

export interface Sweep {
  readonly projection: Projection;
  readonly database: Database;
  readonly log: Pick<EventLog, 'identity' | 'shard'>;
  readonly clock: LogClock;
  readonly rules: SweepRules;
}

export type SweepOutcome =
  | { readonly outcome: 'swept'; readonly givenUp: number }
  /** The tables are too far behind the log to say who is silent. */
  | { readonly outcome: 'lagging' }
  /** Nothing is known of the log's time yet. */
  | { readonly outcome: 'no-clock' };

/** Further behind than this, what looks like silence may be our own lag. */
const MAX_LAG_ENTRIES = 1_000;
/** One append; the next round finds the rest. */
const AT_MOST = 100;

/**
 * Gives up the runs of a shard that have been silent beyond their limits, by appending an event for each. Rejects when
 * the log or the tables do not answer; whatever was appended until then is right.
 *
 * See docs/decisions/0009-stale-runs.md for what keeps it from mistaking an outage for silence.
 */
export async function sweepRuns({ projection, database, log, clock, rules }: Sweep): Promise<SweepOutcome> {
  const { shard, epoch } = projection.claim;
  const now = clock.now();
  if (now === undefined || epoch === undefined) return { outcome: 'no-clock' };
  const { lastSequence } = await log.identity(shard);
  const { sequence } = projection.claim;
  if (lastSequence - sequence > MAX_LAG_ENTRIES) return { outcome: 'lagging' };
  const { limits, allowanceMs } = rules;
  const silences = clock.silences();
  const idle = await findIdleRuns(database, { shard, now, limits, silences, allowanceMs, atMost: AT_MOST });
  const silent = await stillSilent(log.shard(shard), idle, { sequence, lastSequence });
  // Who speaks in this very moment is not given up: the append is refused when anything was stored since the question.
  const stored = await Promise.all(
    silent.map(({ idle: run, newest }) => log.shard(shard).appendAfter(wentStale(run, epoch), newest)),
  );
  return { outcome: 'swept', givenUp: stored.filter(Boolean).length };
}

interface Silent {
  readonly idle: IdleRun;
  /** The newest sequence of the run in the log; 0 when the log has dropped all of it for its age. */
  readonly newest: number;
}

/** Asks the log itself whether these have spoken since the tables were where they are. */
async function stillSilent(
  shard: ReturnType<EventLog['shard']>,
  idle: readonly IdleRun[],
  tables: { readonly sequence: number; readonly lastSequence: number },
): Promise<Silent[]> {
  if (idle.length === 0) return [];
  const subjects = idle.map(({ tenant, run }) => shard.runSubject(tenant, run));
  const { bySubject, appliedUpTo } = await shard.newest(subjects, 0);
  // The replica that answered does not know the newest records yet: nothing can be concluded from what it lacks.
  if (appliedUpTo < tables.lastSequence) return [];
  return idle
    .map((run, index) => ({ idle: run, newest: bySubject.get(subjects[index]!) ?? 0 }))
    .filter(({ newest }) => newest <= tables.sequence);
}
