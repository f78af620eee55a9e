import pg from 'pg';
import { claimProjection } from '../claim-projection.ts';
import { inTransaction, openDatabase, type Database } from '../database.ts';
import { RebuildUnderWayError } from '../errors.ts';
import type { Claim, Projection } from '../projection.ts';
import { compareTables, type TableDifference } from './compare-tables.ts';
import { PROJECTED_TABLES, shadowSchema } from './projected-tables.ts';
import { copyDeadLetters, readRetained } from './retained-entries.ts';
import { swapTables, type SwapOutcome } from './swap-tables.ts';

/** Any number that nothing else in the database locks; with the shard it names one rebuild. */
const REBUILD_LOCK = 7_260_412;
/** Comparing and swapping look at every row of a shard. */
const STATEMENT_MS = 6 * 3_600_000;
/** Nobody else claims shadow tables; whoever lost the lock has lost their holder's name with them. */
const SHADOW_LEASE_MS = 3_600_000;

/**
 * Empty copies of the projected tables in a schema of their own, which fill by the same code as the live ones. Dropped
 * at the end; what a killed rebuild left behind is dropped by the next one of the same shard.
 */
export class ShadowTables {
  private constructor(
    readonly shard: number,
    /** Where unqualified names mean the live tables. */
    readonly live: Database,
    private readonly shadow: Database,
    private readonly lock: pg.Client,
  ) {}

  /** @throws {RebuildUnderWayError} when another process rebuilds the shard now. */
  static async create(databaseUrl: string, shard: number): Promise<ShadowTables> {
    const lock = await lockShard(databaseUrl, shard);
    try {
      const schema = shadowSchema(shard);
      await lock.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await lock.query(`CREATE SCHEMA ${schema}`);
      for (const name of ['projection', ...PROJECTED_TABLES.map((table) => table.name)]) {
        // Unlogged: half the work, and after a crash of Postgres they are empty, which fences the rebuild out.
        await lock.query(`CREATE UNLOGGED TABLE ${schema}.${name} (LIKE ${name} INCLUDING ALL)`);
      }
      // How long a run that only the log knows is to be kept, and what must not come back from it.
      for (const name of ['retention', 'erased_run', 'erasure']) {
        await lock.query(`CREATE VIEW ${schema}.${name} AS SELECT * FROM ${name}`);
      }
      const pool = { databaseUrl, applicationName: 'runcast rebuild', statementMs: STATEMENT_MS };
      return new ShadowTables(shard, openDatabase(pool), openDatabase({ ...pool, schema }), lock);
    } catch (error) {
      await lock.end();
      throw error;
    }
  }

  /** The right to fill them, under a name that no other rebuild has. */
  async claim(holder: string): Promise<Projection> {
    const request = { shard: this.shard, holder, leaseMs: SHADOW_LEASE_MS };
    const claimed = await claimProjection(this.shadow, request);
    if (claimed.outcome === 'held') throw new RebuildUnderWayError(this.shard);
    return claimed.projection;
  }

  /**
   * Fills them with what the live tables keep of records that the log no longer holds. Only for live tables that were
   * built from the same stream: `epoch`.
   */
  async retain(projection: Projection, range: { epoch: string; before: number; batch: number }): Promise<void> {
    const { shard, live } = this;
    await copyDeadLetters(live, { shard, before: range.before, schema: shadowSchema(shard) });
    await readRetained(live, { shard, ...range }, async (entries) => {
      if ((await projection.commit(entries)) === 'fenced-out') throw new RebuildUnderWayError(shard);
    });
  }

  /**
   * Compares every row as of one instant. `onSnapshot` is called as soon as that instant is fixed: from then on the live
   * tables may go on without disturbing the comparison.
   */
  async compare(onSnapshot: () => Promise<void>): Promise<TableDifference[]> {
    await this.#analyze();
    return inTransaction(this.live, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async (connection) => {
      await connection.query('SELECT FROM projection'); // the first statement fixes the snapshot
      await onSnapshot();
      return compareTables(connection, this.shard);
    });
  }

  /** See {@link swapTables}. */
  async swap(request: { live: Claim; shadow: Claim; acceptLoss: boolean }): Promise<SwapOutcome> {
    await this.#analyze();
    return swapTables(this.live, request);
  }

  /** Without statistics the planner would treat large tables as if they were small. */
  async #analyze(): Promise<void> {
    for (const { name } of PROJECTED_TABLES) await this.shadow.query(`ANALYZE ${name}`);
  }

  async drop(): Promise<void> {
    await this.shadow.end();
    await this.live.end();
    try {
      await this.lock.query(`DROP SCHEMA IF EXISTS ${shadowSchema(this.shard)} CASCADE`);
    } finally {
      await this.lock.end();
    }
  }
}

async function lockShard(databaseUrl: string, shard: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'runcast rebuild' });
  // Its loss shows in the next statement, or in the shadow tables being gone.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
    REBUILD_LOCK,
    shard,
  ]);
  if (rows[0]?.locked) return client;
  await client.end();
  throw new RebuildUnderWayError(shard);
}
