import { anchorOf } from './anchor.ts';
import { assertFollows, sliceByWeight } from './batch-slices.ts';
import { inReplayableTransaction, type Connection, type Database } from './database.ts';
import { parkRefused, parkUnreadable } from './dead-letters.ts';
import { failureOf } from './failures.ts';
import { positionOf, type LogEntry } from './log-entry.ts';
import { WorkingTables } from './working-tables.ts';

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
  #revision: number | undefined;

  constructor(
    readonly database: Database,
    claim: Claim,
  ) {
    this.#claim = claim;
    this.#tables = new WorkingTables(claim.shard);
  }

  /** Where the tables stand, as far as this holder has brought them. */
  get claim(): Claim {
    return this.#claim;
  }

  /**
   * Brings the tables forward by these entries, which must follow the position. Each piece is one transaction, so the
   * tables are a function of a prefix of the log at any moment. Records that cannot be taken are parked in place.
   */
  async commit(batch: readonly LogEntry[]): Promise<'committed' | 'fenced-out'> {
    if (batch.length === 0) return 'committed';
    assertFollows(this.#claim, batch);
    for (const slice of sliceByWeight(batch)) {
      if ((await this.#commitOrBisect(slice)) === 'fenced-out') return 'fenced-out';
    }
    return 'committed';
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

  async #commitOrBisect(entries: readonly LogEntry[]): Promise<'committed' | 'fenced-out'> {
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
  async #transact(
    entries: readonly LogEntry[],
    write: (connection: Connection) => Promise<void>,
  ): Promise<'committed' | 'fenced-out'> {
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
    const { shard, holder, fence, sequence, leaseMs } = this.#claim;
    const values = [shard, holder, fence, sequence, next.epoch, next.sequence, next.anchor, leaseMs];
    const { rows } = await connection.query<{ revision: number }>(ADVANCE, values);
    if (!rows[0]) return false;
    // Somebody erased or moved rows since: what is kept in memory of them would be written back.
    if (rows[0].revision !== this.#revision) this.#tables.forget();
    this.#revision = rows[0].revision;
    return true;
  }
}

// Lease times come from Postgres' clock alone: the clocks of two projectors may differ by more than a lease.
const LEASE = (parameter: string) => `clock_timestamp() + ${parameter} * interval '1 millisecond'`;

const ADVANCE = `UPDATE projection SET epoch = $5, sequence = $6, anchor = $7, lease_until = ${LEASE('$8')}
  WHERE shard = $1 AND holder = $2 AND fence = $3 AND sequence = $4 AND (epoch IS NULL OR epoch = $5)
  RETURNING revision`;

const RENEW = `UPDATE projection SET lease_until = ${LEASE('$4')} WHERE shard = $1 AND holder = $2 AND fence = $3`;

const RELEASE = `UPDATE projection SET holder = NULL, lease_until = NULL WHERE shard = $1 AND holder = $2 AND fence = $3`;
