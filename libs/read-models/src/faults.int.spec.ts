import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, waitFor, type TcpProxy } from '@runcast/test-harness';
import fc from 'fast-check';
import { claimProjection } from './claim-projection.ts';
import { openDatabase, type Database } from './database.ts';
import { failureOf } from './failures.ts';
import type { LogEntry } from './log-entry.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import type { Projection } from './projection.ts';
import { emptyTables, readTables } from './read-tables.ts';
import { batchesOf, modelOf, SampleLog, upTo } from './sample-log.ts';

let proxy: TcpProxy;
let database: Database;
let throughProxy: string;
beforeAll(async () => {
  const migrated = await migratedDatabase();
  ({ database } = migrated);
  proxy = await startTcpProxy(migrated.url);
  throughProxy = Object.assign(new URL(migrated.url), { host: `127.0.0.1:${proxy.port}` }).href;
});
beforeEach(() => emptyTables(database));
afterAll(async () => {
  await proxy.close();
  await database.end();
});

async function claim(on: Database): Promise<Projection> {
  const claimed = await claimProjection(on, { shard: 0, holder: 'one', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('a transaction is still under way');
  return claimed.projection;
}

/** What the projector does: after any failure it claims again and goes on from where Postgres says it is. */
async function project(on: Database, entries: readonly LogEntry[]): Promise<void> {
  const projection = await waitFor(() => claim(on), { describe: 'the projection to be free' });
  const ahead = entries.slice(projection.claim.sequence);
  for (const batch of batchesOf(ahead, [3])) expect(await projection.commit(batch)).toBe('committed');
}

const { entries } = new SampleLog()
  .link('r1', 's1')
  .event('r1', 'run.started', { input: 'a' })
  .event('r2', 'run.started')
  .event('r1', 'step.started', {}, { id: 'twice' })
  .event('r1', 'step.started', {}, { id: 'twice' })
  .link('r2', 's1')
  .unreadable('not JSON')
  .event('r2', 'message.sent', { content: 'hello' })
  .event('r1', 'run.completed')
  .event('r2', 'run.failed', { error: { message: 'no' } });

describe('When the connection breaks anywhere', () => {
  it('the tables are a function of a prefix of the log, and the next attempt completes them', async () => {
    let broken = 0;
    const attempt = async (bytes: number) => {
      await emptyTables(database);
      const fragile = openDatabase({ databaseUrl: throughProxy, applicationName: 'fragile' });
      proxy.cutAfterBytes(bytes);
      try {
        await project(fragile, entries).catch((error: unknown) => {
          broken += 1;
          expect(failureOf(error)).toBe('infrastructure');
        });
        const { tables, position } = await readTables(database);
        expect(tables).toEqual(modelOf(upTo(entries, position)));
        proxy.cutAfterBytes(Infinity);
        await project(fragile, entries);
        expect((await readTables(database)).tables).toEqual(modelOf(entries));
      } finally {
        await fragile.end();
      }
    };
    // From inside the handshake to beyond the last answer. What breaks in the handshake is retried by waiting for the claim.
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 6_000 }), attempt), { numRuns: 50 });
    expect(broken).toBeGreaterThan(5);
  });

  it('control: one row that was not rolled back is seen', async () => {
    await project(database, entries.slice(0, 4));
    await database.query(`INSERT INTO session_run VALUES ('acme', 's9', 'r9', 0, 9)`);
    const { tables, position } = await readTables(database);
    expect(tables).not.toEqual(modelOf(upTo(entries, position)));
  });
});

describe('When Postgres ends every session', () => {
  const endSessions = () =>
    database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', ['victim']);

  it('an idle projection goes on with its next batch', async () => {
    const victim = openDatabase({ databaseUrl: throughProxy, applicationName: 'victim' });
    const projection = await claim(victim);
    await projection.commit(entries.slice(0, 3));
    await endSessions();
    await waitFor(() => victim.totalCount === 0, { describe: 'the pool to notice' });
    expect(await projection.commit(entries.slice(3))).toBe('committed');
    expect((await readTables(database)).tables).toEqual(modelOf(entries));
    await victim.end();
  });

  it('a connection in use fails its work as infrastructure and does not end the process', async () => {
    const victim = openDatabase({ databaseUrl: throughProxy, applicationName: 'victim' });
    const connection = await victim.connect();
    await connection.query('BEGIN');
    await endSessions();
    const failed = await connection.query('SELECT 1').catch((error: unknown) => error);
    expect(failureOf(failed)).toBe('infrastructure');
    connection.release(true);
    expect((await victim.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await victim.end();
  });
});

describe('When Postgres answers nothing at all', () => {
  it('a statement gives up after the time it was given', async () => {
    const impatient = openDatabase({ databaseUrl: throughProxy, applicationName: 'impatient', waitMs: 1_500 });
    const projection = await claim(impatient);
    proxy.pause();
    await expect(projection.commit(entries)).rejects.toThrow();
    proxy.resume();
    proxy.cut();
    await project(impatient, entries);
    expect((await readTables(database)).tables).toEqual(modelOf(entries));
    await impatient.end();
  });
});
