import { positionOf, type LogEntry } from '@runcast/read-models';
import { timestampToMs, type JsonObject } from '@runcast/run-events';
import type { CheckResult } from '@runcast/service-host';
import { LagWatch } from './lag-watch.ts';

/**
 * - `projecting`: this process writes the shard's tables.
 * - `standby`: another one does; this one takes over when it falls silent.
 * - `retrying`: Postgres or NATS does not answer; tried again for ever.
 * - `refused`: the stream is not the one the tables were built from; needs an operator.
 */
export const SHARD_STATES = ['starting', 'projecting', 'standby', 'retrying', 'refused'] as const;
export type ShardState = (typeof SHARD_STATES)[number];

/** What one shard's loop says of itself, for /health/ready. */
export class ShardStatus {
  #state: ShardState = 'starting';
  #detail: string | undefined;
  #projected = 0;
  #logEnd = 0;
  #newestStoredAt: number | undefined;
  #deadLetters: number | undefined;
  readonly #watch: LagWatch;

  constructor(private readonly now: () => number) {
    this.#watch = new LagWatch(now);
  }

  get state(): ShardState {
    return this.#state;
  }

  /** The newest sequence in the tables. */
  get sequence(): number {
    return this.#projected;
  }

  /** Records that the tables could not take, when last counted. */
  get deadLetters(): number | undefined {
    return this.#deadLetters;
  }

  sawDeadLetters(count: number): void {
    this.#deadLetters = count;
  }

  become(state: ShardState, detail?: string): void {
    this.#state = state;
    this.#detail = detail;
  }

  /** The tables stand here. */
  reached(sequence: number): void {
    this.#projected = sequence;
  }

  /** The log was seen to reach to here. */
  sawLogEnd(sequence: number): void {
    this.#logEnd = sequence;
  }

  committed(entries: readonly LogEntry[]): void {
    const newest = entries.at(-1);
    if (!newest) return;
    this.reached(positionOf(newest).sequence);
    const event = entries.findLast((entry) => entry.kind === 'event')?.event;
    if (event) this.#newestStoredAt = timestampToMs(event.receivedAt);
  }

  /** What one standing by sees of the tables that another process should be writing. */
  watched(projected: number, logEnd: number): void {
    this.reached(projected);
    this.sawLogEnd(logEnd);
    this.#watch.saw(logEnd, projected);
  }

  /**
   * How far the tables are behind the log, as last seen. Seconds: for one who writes them, the age of the newest event in
   * them; for one who stands by, since when it has seen records waiting, so that a frozen writer shows here.
   */
  lag(): { readonly events: number; readonly seconds: number } {
    const events = Math.max(0, this.#logEnd - this.#projected);
    if (this.#state === 'standby') return { events, seconds: this.#watch.seconds() };
    if (events === 0 || this.#newestStoredAt === undefined) return { events, seconds: 0 };
    return { events, seconds: Math.max(0, Math.round((this.now() - this.#newestStoredAt) / 1_000)) };
  }

  /** Ready means: this shard is looked after, by this process or by another. */
  check(): CheckResult {
    const { events, seconds } = this.lag();
    const ready = this.#state === 'projecting' || this.#state === 'standby';
    const facts: JsonObject = {
      state: this.#state,
      ...(ready && { sequence: this.#projected, lagEvents: events, lagSeconds: seconds }),
    };
    return { ready, facts, ...(this.#detail !== undefined && { detail: this.#detail }) };
  }
}
