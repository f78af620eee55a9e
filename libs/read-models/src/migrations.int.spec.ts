import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent, RunState } from '@runcast/run-events';
import { freshDatabase } from '@runcast/test-harness';
import { claimProjection } from './claim-projection.ts';
import { migrate } from './migrate.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { migrationSource } from './migration-source.ts';
import { readTables } from './read-tables.ts';
import { runStatements } from './run-rows.ts';
import { SampleLog } from './sample-log.ts';

async function differences(url: string): Promise<string[]> {
  const source = migrationSource(url);
  await source.initialize();
  try {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  } finally {
    await source.destroy();
  }
}

async function undoDownTo(url: string, last: string): Promise<void> {
  const source = migrationSource(url);
  await source.initialize();
  const newest = async () => {
    const [row] = await source.query<{ name: string }[]>('SELECT name FROM migration ORDER BY id DESC LIMIT 1');
    return row?.name;
  };
  while ((await newest()) !== last) await source.undoLastMigration();
  await source.destroy();
}

describe('migrate', () => {
  it('builds from nothing exactly the tables that the code believes in', async () => {
    const { url } = await freshDatabase();
    await migrate(url);
    expect(await differences(url)).toEqual([]);
  });

  it('runs once, however many processes start it at the same time', async () => {
    const { url } = await freshDatabase();
    const ran = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(ran.flat()).toEqual([
      'FirstTables1795251946230',
      'RunActivity1795255800000',
      'EventPartitions1795262400000',
      'Redaction1795264200000',
      'Access1795267800000',
      'ErasureAndAudit1795269600000',
      'RateBudgets1795273200000',
      'TenantWalls1795280400000',
      'EveryTenantWall1795287600000',
    ]);
    expect(await migrate(url)).toEqual([]);
  });

  it('can be taken back', async () => {
    const { url } = await freshDatabase();
    await migrate(url);
    const source = migrationSource(url);
    await source.initialize();
    await source.undoLastMigration();
    await source.destroy();
    expect(await migrate(url)).toHaveLength(1);
  });

  it('gives the rows of an older version what the newer one needs', async () => {
    const { url, database } = await migratedDatabase();
    const claimed = await claimProjection(database, { shard: 3, holder: 'one', leaseMs: 60_000 });
    if (claimed.outcome !== 'claimed') throw new Error('held');
    const log = new SampleLog(3).link('r1', 's1').event('r1', 'run.started').event('r1', 'step.started');
    await claimed.projection.commit(log.entries);
    const added = async () => [
      (await database.query('SELECT run, shard, last_activity_at FROM run')).rows,
      (await database.query('SELECT session, shard FROM session')).rows,
    ];
    const written = await added();
    await undoDownTo(url, 'RunActivity1795255800000');
    expect((await database.query('SELECT id FROM event ORDER BY sequence')).rows).toHaveLength(2);
    expect(await added()).toEqual(written);
    await undoDownTo(url, 'FirstTables1795251946230');
    await expect(added()).rejects.toThrow(/does not exist/);
    await migrate(url);
    expect(await added()).toEqual(written);
    expect((await database.query('SELECT DISTINCT expires_on FROM event')).rows).toEqual([{ expires_on: 'infinity' }]);
    await database.end();
  });

  it.each([
    ['ALTER TABLE run DROP COLUMN question'],
    ['ALTER TABLE run ADD COLUMN mood text'],
    ['ALTER TABLE run ALTER COLUMN event_count TYPE bigint'],
    ['ALTER TABLE event ALTER COLUMN session SET NOT NULL'],
    ['ALTER TABLE event DROP CONSTRAINT event_ids'],
    ['DROP INDEX event_by_sequence'],
    ['DROP INDEX run_open'],
    ['DROP INDEX run_by_expiry'],
    ['ALTER TABLE event DROP CONSTRAINT event_key'],
  ])('control: the comparison sees %s', async (change) => {
    const { url, database } = await migratedDatabase();
    await database.query(change);
    await database.end();
    expect(await differences(url)).not.toEqual([]);
  });
});

describe('The tables hold every field of the contract', () => {
  // Required<>: a field that is new in the contract must be given here, and is then missed in what comes back.
  const run: Required<RunState> = {
    tenant: 'acme',
    run: 'r1',
    status: 'error',
    statusReason: 'cancelled',
    attempt: 2,
    startSeen: true,
    agent: 'agent',
    flow: 'flow',
    session: 's1',
    framework: 'langgraph',
    model: 'model',
    startedAt: '2026-11-21T10:00:00.000001Z',
    endedAt: '2026-11-21T10:00:01.500000Z',
    lastEventAt: '2026-11-21T10:00:02.123456Z',
    eventCount: 12,
    steps: { started: 1, ended: 2 },
    toolCalls: { started: 3, ended: 4 },
    llmCalls: { started: 5, ended: 6 },
    errorCount: 7,
    usage: { inputTokens: 8, outputTokens: 9, totalTokens: Number.MAX_SAFE_INTEGER, costUsd: 0.1 + 0.2 },
    usageBefore: { inputTokens: 1, outputTokens: 2, totalTokens: 3, costUsd: 0.7 },
    usageReported: true,
    input: { deep: [1, 'two', null] },
    output: 'text',
    error: { message: 'no', type: 'T', code: 'C', details: [1] },
    question: 'Go on?',
    firstSequence: 1,
    lastSequence: 13,
  };
  const event: Required<RecordedEvent> = {
    id: 'e',
    tenant: 'acme',
    run: 'r1',
    session: 's1',
    agent: 'agent',
    flow: 'flow',
    type: 'step.started',
    level: 'warning',
    occurredAt: '2026-11-21T10:00:00.000009Z',
    dialect: 'zihin',
    data: { step: 'plan' },
    raw: '{ "step" : 12345678901234567890 }',
    redacted: ['data.step'],
    position: { shard: 0, epoch: 'e1', sequence: 1 },
    receivedAt: '2026-11-21T10:00:00.654321Z',
  };

  it('and give it back as it was', async () => {
    const { database } = await migratedDatabase();
    const claimed = await claimProjection(database, { shard: 0, holder: 'one', leaseMs: 60_000 });
    if (claimed.outcome !== 'claimed') throw new Error('held');
    await claimed.projection.commit([{ kind: 'event', event }]);
    await database.query('DELETE FROM run');
    const change = { before: undefined, after: run, shard: 0, expiresOn: 'infinity', lastActivityAt: run.lastEventAt };
    for (const statement of runStatements([change])) await database.query(statement);
    const { tables } = await readTables(database);
    expect(tables.events).toStrictEqual([event]);
    expect(tables.runs).toStrictEqual([run]);
    await database.end();
  });
});
