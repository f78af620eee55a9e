import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import fc from 'fast-check';
import { claimProjection } from './claim-projection.ts';
import type { Connection, Database } from './database.ts';
import { eraseFromTables } from './erasure/remove-runs.ts';
import type { LogEntry } from './log-entry.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import type { Projection } from './projection.ts';
import { emptyTables, readTables } from './read-tables.ts';
import { anyLog, batchesOf, modelOf, SampleLog } from './sample-log.ts';

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase({ maxConnections: 6 }));
});
beforeEach(async () => {
  await emptyTables(database);
  await database.query('TRUNCATE erased_run, erasure');
});
afterAll(() => database.end());

async function claim(holder = 'one'): Promise<Projection> {
  const claimed = await claimProjection(database, { shard: 0, holder, leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  return claimed.projection;
}

/** Never more than two on their way, as a projector hands them in. */
async function commitAhead(projection: Projection, batches: readonly LogEntry[][]): Promise<string[]> {
  const outcomes: Promise<string>[] = [];
  for (const batch of batches) {
    outcomes.push(projection.commit(batch));
    await outcomes.at(-2);
  }
  return Promise.all(outcomes);
}

/** Holds the shard's row, so that the next transaction of the projection cannot begin, until it is called. */
async function holdUp(): Promise<(andThen?: (connection: Connection) => Promise<unknown>) => Promise<void>> {
  const connection = await database.connect();
  await connection.query('BEGIN; SELECT 1 FROM projection FOR UPDATE');
  return async (andThen = () => Promise.resolve()) => {
    await andThen(connection);
    await connection.query('COMMIT');
    connection.release();
  };
}

function waiting(): Promise<boolean> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return waitFor(async () => (await database.query(sql)).rowCount! > 0, { describe: 'a transaction to wait' });
}

describe('Batches that are handed in while the one before is under way', () => {
  it('make the tables that the log says, however it is cut and however often it repeats itself', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        anyLog(60).filter(({ length }) => length > 0),
        sizes,
        async (entries, batchSizes) => {
          await emptyTables(database);
          const outcomes = await commitAhead(await claim(), batchesOf(entries, batchSizes));
          expect(new Set(outcomes)).toEqual(new Set(['committed']));
          expect((await readTables(database)).tables).toEqual(modelOf(entries));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are parked record by record where the tables refuse them, and the ones behind them go on', async () => {
    const log = new SampleLog().link('r1', 's1');
    for (let count = 1; count < 30; count += 1) {
      const inputTokens = count % 10 === 0 ? 'many' : 1;
      log.event(`r${count % 3}`, 'llm-call.completed', { usage: { inputTokens } });
    }
    await commitAhead(await claim(), batchesOf(log.entries, [4]));
    const healthy = log.entries.filter((_, index) => index === 0 || index % 10 !== 0);
    expect((await readTables(database)).tables).toEqual(modelOf(healthy));
    expect((await database.query('SELECT sequence FROM dead_letter ORDER BY 1')).rows).toEqual([
      { sequence: 11 },
      { sequence: 21 },
    ]);
  });

  it('must follow what was handed in, not what is in the tables', async () => {
    const { entries } = new SampleLog().event('r1', 'run.started').event('r1', 'step.started').event('r1', 'a');
    const projection = await claim();
    const [first, second] = [projection.commit(entries.slice(0, 2)), projection.commit(entries.slice(1))];
    await expect(second).rejects.toMatchObject({ code: 'batch-out-of-order', after: 2, found: 2 });
    expect(await first).toBe('committed');
  });

  it('are all fenced out when another has taken over', async () => {
    const { entries } = new SampleLog().event('r1', 'run.started').event('r1', 'a').event('r1', 'b');
    const projection = await claim();
    await projection.commit(entries.slice(0, 1));
    const goOn = await holdUp();
    const outcomes = Promise.all([projection.commit(entries.slice(1, 2)), projection.commit(entries.slice(2))]);
    await waiting();
    await goOn((connection) => connection.query(`UPDATE projection SET holder = 'two', fence = fence + 1`));
    expect(await outcomes).toEqual(['fenced-out', 'fenced-out']);
    expect((await readTables(database)).tables).toEqual(modelOf(entries.slice(0, 1)));
  });

  it('fail together with the one before, and can be handed in again', async () => {
    const { entries } = new SampleLog().event('r1', 'run.started').event('r1', 'a').event('r1', 'b');
    const projection = await claim();
    await projection.commit(entries.slice(0, 1));
    const goOn = await holdUp();
    const sent = [projection.commit(entries.slice(1, 2)), projection.commit(entries.slice(2))];
    await waiting();
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    const failed = await Promise.allSettled(sent);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await goOn();
    expect(await commitAhead(projection, batchesOf(entries.slice(1), [1]))).toEqual(['committed', 'committed']);
    expect((await readTables(database)).tables).toEqual(modelOf(entries));
  });
});

describe('Rows that somebody else changes while two batches are on their way', () => {
  const { entries } = new SampleLog()
    .event('r1', 'run.started', { input: 'a' })
    .event('r2', 'run.started')
    .event('r1', 'step.started')
    .event('r2', 'step.started')
    .event('r1', 'step.completed')
    .event('r2', 'step.completed');

  async function changedMeanwhile(change: (connection: Connection) => Promise<unknown>): Promise<void> {
    const projection = await claim();
    await projection.commit(entries.slice(0, 2));
    const goOn = await holdUp();
    const sent = [projection.commit(entries.slice(2, 4)), projection.commit(entries.slice(4))];
    await waiting();
    await goOn(change);
    expect(await Promise.all(sent)).toEqual(['committed', 'committed']);
  }

  const errors = async () => (await readTables(database)).tables.runs.map((run) => [run.errorCount, run.eventCount]);

  it('are read anew', async () => {
    await changedMeanwhile((connection) =>
      connection.query('UPDATE run SET error_count = 7; UPDATE projection SET revision = revision + 1'),
    );
    expect(await errors()).toEqual([
      [7, 3],
      [7, 3],
    ]);
  });

  it('control: without another revision nobody would notice', async () => {
    await changedMeanwhile((connection) => connection.query('UPDATE run SET error_count = 7'));
    expect(await errors()).toEqual([
      [0, 3],
      [0, 3],
    ]);
  });

  it('and an erased run does not come back', async () => {
    const projection = await claim();
    await projection.commit(entries.slice(0, 2));
    const target = { shard: 0, tenant: 'acme', runs: ['r1'], erasure: 'e', subjects: [] };
    const goOn = await holdUp();
    const erased = eraseFromTables(database, target);
    await waiting();
    const sent = [projection.commit(entries.slice(2, 4)), projection.commit(entries.slice(4))];
    await goOn();
    await erased;
    expect(await Promise.all(sent)).toEqual(['committed', 'committed']);
    const { tables } = await readTables(database);
    expect(tables.runs.map(({ run, eventCount }) => [run, eventCount])).toEqual([['r2', 3]]);
    expect(tables.events.map(({ run }) => run)).toEqual(['r2', 'r2', 'r2']);
  });
});
