import { anchorOf } from './anchor.ts';
import { assertFollows, sliceByWeight, type Standing } from './batch-slices.ts';
import { allAnswered, inReplayableTransaction, type Connection, type Database } from './database.ts';
import { parkRefused, parkUnreadable } from './dead-letters.ts';
import { failureOf } from './failures.ts';
import { positionOf, type LogEntry } from './log-entry.ts';
import { WorkingTables, type PreparedBatch } from './working-tables.ts';

type Outcome = 'committed' | 'fenced-out';

/** What one holder knows of the projection it has claimed. */
export interface Claim {
  readonly shard: number;
  readonly holder: string;
  readonly leaseMs: number;
  readonly fence: number;
  /** The stream the tables were built from; absent before the first commit. */
  readonly epoch: string | undefined;
  /** The newest record the tables contain; 0 before the first. */
  readonly sequence: number;
  /** The fingerprint of that record (see anchorOf). */
  readonly anchor: string | undefined;
}

/** One transaction's worth of the log on its way into the tables. */
interface Step {
  /** What was worked out ahead; absent when everything has to be done inside the transaction. */
  readonly prepared: Promise<PreparedBatch | undefined>;
  /** Everything before it has ended. */
  readonly turn: Promise<unknown>;
  readonly written: Promise<Outcome>;
}

/**
 * The right to write one shard's tables, for as long as nobody else has claimed it. It needs no watching of clocks: every
 * write first moves the position under the fence, so a holder that was frozen for an hour changes nothing.
 *
 * An error other than `fenced-out` leaves the outcome unknown (a lost answer to COMMIT may have been a commit). Drop the
 * projection and claim again: the claim reads the position that Postgres really has.
 */
export class Projection {
  readonly #tables: WorkingTables;
  #claim: Claim;
  /** Where the tables will stand when everything that was handed in is in them. */
  #ahead: Standing;
  /** The newest that is not in the tables yet. */
  #newest: Step | undefined;
  #revision: number | undefined;

  constructor(
    readonly database: Database,
    claim: Claim,
  ) {
    this.#claim = claim;
    this.#ahead = claim;
    this.#tables = new WorkingTables(claim.shard);
  }

  /** Where the tables stand, as far as this holder has brought them. */
  get claim(): Claim {
    return this.#claim;
  }

  /**
   * Brings the tables forward by these entries, which must follow the position. Each piece is one transaction, so the
   * tables are a function of a prefix of the log at any moment. Records that cannot be taken are parked in place.
   *
   * The next batch may be handed in while this one is under way: it is read up on, folded and spelled meanwhile, and
   * written after it. When this one fails or is fenced out, so is the next.
   */
  async commit(batch: readonly LogEntry[]): Promise<Outcome> {
    if (batch.length === 0) return 'committed';
    assertFollows(this.#ahead, batch);
    this.#ahead = { ...this.#ahead, ...positionOf(batch.at(-1)!) };
    try {
      const outcomes = await allAnswered(sliceByWeight(batch).map((slice) => this.#begin(slice)));
      if (!outcomes.includes('fenced-out')) return 'committed';
    } catch (error) {
      this.#startOver();
      throw error;
    }
    this.#startOver();
    return 'fenced-out';
  }

  /** Keeps the lease while there is nothing to commit. */
  async renew(): Promise<'renewed' | 'fenced-out'> {
    const { shard, holder, fence, leaseMs } = this.#claim;
    const { rowCount } = await this.database.query(RENEW, [shard, holder, fence, leaseMs]);
    return rowCount === 1 ? 'renewed' : 'fenced-out';
  }

  /** Gives the lease back, so that the next holder need not wait for it to run out. */
  async release(): Promise<void> {
    const { shard, holder, fence } = this.#claim;
    await this.database.query(RELEASE, [shard, holder, fence]);
  }

  /** What was handed in and has not been written is handed in again, if at all. */
  #startOver(): void {
    this.#ahead = this.#claim;
    this.#newest = undefined;
  }

  #begin(entries: readonly LogEntry[]): Promise<Outcome> {
    const before = this.#newest;
    const turn = Promise.resolve(before?.written);
    const prepared = this.#prepare(entries, before);
    const written = this.#commitInTurn(entries, turn, prepared);
    const step = { prepared, turn, written };
    this.#newest = step;
    // When nothing is under way nothing is kept of it.
    void written.then(
      () => this.#ended(step),
      () => this.#ended(step),
    );
    return written;
  }

  #ended(step: Step): void {
    if (this.#newest === step) this.#newest = undefined;
  }

  /** Never rejects: what cannot be worked out ahead is worked out in its transaction. */
  async #prepare(entries: readonly LogEntry[], before: Step | undefined): Promise<PreparedBatch | undefined> {
    try {
      const prepared = await before?.prepared;
      await before?.turn;
      // What the one before makes of the tables is known as soon as it was worked out, else when it is in them.
      if (!prepared || !this.#tables.isCurrent(prepared)) await before?.written;
    } catch {
      return undefined;
    }
    // Before the first transaction nobody knows whether rows are changed behind our back while they are read.
    return this.#revision === undefined ? undefined : this.#tables.prepare(this.database, entries);
  }

  async #commitInTurn(
    entries: readonly LogEntry[],
    turn: Promise<Outcome | undefined>,
    preparing: Promise<PreparedBatch | undefined>,
  ): Promise<Outcome> {
    if ((await turn) === 'fenced-out') return 'fenced-out';
    const prepared = await preparing;
    return prepared && (await this.#sent(entries, prepared)) ? 'committed' : this.#commitOrBisect(entries);
  }

  /**
   * Whether a prepared batch could be written as it is. Otherwise nothing was: another holder or another revision, an event
   * that was delivered before, a record that the tables refuse.
   */
  async #sent(entries: readonly LogEntry[], prepared: PreparedBatch): Promise<boolean> {
    if (!this.#tables.isCurrent(prepared)) return false;
    const next = this.#after(entries.at(-1)!);
    try {
      // Sent together; COMMIT only when every one of them was answered, so that none can be missing.
      await inReplayableTransaction(this.database, (connection) =>
        allAnswered<unknown>([
          connection.query(ADVANCE_OR_FAIL, [...this.#advanceValues(next), this.#revision]),
          ...this.#tables.send(connection, prepared),
          parkUnreadable(connection, entries),
        ]),
      );
      this.#claim = next;
      return true;
    } catch (error) {
      this.#tables.forget();
      if (failureOf(error) === 'infrastructure') throw error;
      return false;
    }
  }

  async #commitOrBisect(entries: readonly LogEntry[]): Promise<Outcome> {
    try {
      return await this.#transact(entries, (connection) => this.#apply(connection, entries));
    } catch (error) {
      if (failureOf(error) === 'infrastructure') throw error;
      if (entries.length === 1) {
        return this.#transact(entries, (connection) => parkRefused(connection, entries[0]!, error));
      }
      const middle = entries.length >> 1;
      const first = await this.#commitOrBisect(entries.slice(0, middle));
      return first === 'fenced-out' ? first : this.#commitOrBisect(entries.slice(middle));
    }
  }

  async #apply(connection: Connection, entries: readonly LogEntry[]): Promise<void> {
    await this.#tables.apply(connection, entries);
    await parkUnreadable(connection, entries);
  }

  /** Moves the position first: it takes the row's lock, so from here on no other holder can write before the end. */
  async #transact(entries: readonly LogEntry[], write: (connection: Connection) => Promise<void>): Promise<Outcome> {
    const next = this.#after(entries.at(-1)!);
    try {
      const outcome = await inReplayableTransaction(this.database, async (connection) => {
        if (!(await this.#advance(connection, next))) return 'fenced-out';
        await write(connection);
        return 'committed';
      });
      if (outcome === 'committed') this.#claim = next;
      else this.#tables.forget();
      return outcome;
    } catch (error) {
      // What was folded in memory is not in the tables.
      this.#tables.forget();
      throw error;
    }
  }

  #after(entry: LogEntry): Claim {
    const { epoch, sequence } = positionOf(entry);
    return { ...this.#claim, epoch, sequence, anchor: anchorOf(entry) };
  }

  async #advance(connection: Connection, next: Claim): Promise<boolean> {
    const { rows } = await connection.query<{ revision: number }>(ADVANCE, this.#advanceValues(next));
    if (!rows[0]) return false;
    // Somebody erased or moved rows since: what is kept in memory of them would be written back.
    if (rows[0].revision !== this.#revision) this.#tables.forget();
    this.#revision = rows[0].revision;
    return true;
  }

  #advanceValues(next: Claim): unknown[] {
    const { shard, holder, fence, sequence, leaseMs } = this.#claim;
    return [shard, holder, fence, sequence, next.epoch, next.sequence, next.anchor, leaseMs];
  }
}

// Lease times come from Postgres' clock alone: the clocks of two projectors may differ by more than a lease.
const LEASE = (parameter: string) => `clock_timestamp() + ${parameter} * interval '1 millisecond'`;

const ADVANCE = `UPDATE projection SET epoch = $5, sequence = $6, anchor = $7, lease_until = ${LEASE('$8')}
  WHERE shard = $1 AND holder = $2 AND fence = $3 AND sequence = $4 AND (epoch IS NULL OR epoch = $5)
  RETURNING revision`;

// Divides by zero when it moves nothing, which fails the transaction: what was sent behind it is not written either.
const ADVANCE_OR_FAIL = `WITH moved AS (${ADVANCE}) SELECT 1 / count(*) FROM moved WHERE revision = $9`;

const RENEW = `UPDATE projection SET lease_until = ${LEASE('$4')} WHERE shard = $1 AND holder = $2 AND fence = $3`;

const RELEASE = `UPDATE projection SET holder = NULL, lease_until = NULL WHERE shard = $1 AND holder = $2 AND fence = $3`;
