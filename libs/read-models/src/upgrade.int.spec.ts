import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@runcast/run-events';
import { freshDatabase } from '@runcast/test-harness';
import { ApiKeys } from './api-keys.ts';
import { claimProjection } from './claim-projection.ts';
import { openDatabase, type Database } from './database.ts';
import { positionOf, type LogEntry } from './log-entry.ts';
import { migrate } from './migrate.ts';
import { readTables } from './read-tables.ts';
import { copyTablesIn, type TablesCopy } from './table-copy.ts';

// Each folder holds the tables as that release wrote them, and what its own code read from them. None is ever changed.
const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const releases = readdirSync(FIXTURES).filter((name) => name.startsWith('tables-'));
const open: Database[] = [];
afterAll(async () => {
  for (const database of open) await database.end();
});

type Tables = Awaited<ReturnType<typeof readTables>>;

function fixture<T>(release: string, name: string): T {
  return JSON.parse(readFileSync(`${FIXTURES}/${release}/${name}.json`, 'utf8')) as T;
}

/** The database that an operator of this release has, brought up to date. */
async function upgraded(release: string): Promise<{ database: Database; ran: string[] }> {
  const { url } = await freshDatabase();
  const rowsOf = (table: string): Readable => {
    const file = `${FIXTURES}/${release}/${table}.copy`;
    return existsSync(file) ? createReadStream(file) : Readable.from([]);
  };
  await copyTablesIn(url, fixture<TablesCopy>(release, 'copy'), (table) => Promise.resolve(rowsOf(table)));
  const ran = await migrate(url);
  const database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  open.push(database);
  return { database, ran };
}

async function goOn(database: Database, run: string, type: string): Promise<void> {
  const claimed = await claimProjection(database, { shard: 0, holder: 'spec', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  const { epoch, sequence } = claimed.projection.claim;
  const event: RecordedEvent = {
    id: 'after the upgrade',
    tenant: 'acme',
    run,
    type,
    level: 'info',
    occurredAt: '2026-11-22T00:00:00.000000Z',
    receivedAt: '2026-11-22T00:00:00.000000Z',
    dialect: 'runcast',
    data: {},
    raw: '{}',
    position: { shard: 0, epoch: epoch!, sequence: sequence + 1 },
  };
  const entry: LogEntry = { kind: 'event', event };
  await claimed.projection.commit([entry]);
  expect(claimed.projection.claim.sequence).toBe(positionOf(entry).sequence);
  await claimed.projection.release();
}

describe.each(releases)('the tables of %s', (release) => {
  it('are read as they were, by the code of now, after the migrations', async () => {
    const { database, ran } = await upgraded(release);
    expect(ran.length).toBeGreaterThan(0);
    expect(await readTables(database)).toMatchObject(fixture<Tables>(release, 'expected'));
    expect(await new ApiKeys(database).list({ tenant: 'acme' })).toMatchObject([
      { name: 'kept', scopes: ['ingest', 'read'] },
    ]);
  });

  it('go on from where they stood: counters, states and sessions count further', async () => {
    const { database } = await upgraded(release);
    const before = fixture<Tables>(release, 'expected');
    await goOn(database, 'r2', 'run.completed');
    const after = await readTables(database);
    expect(after.position).toBe(before.position + 1);
    const runOf = ({ tables }: Tables) => tables.runs.find(({ run }) => run === 'r2')!;
    expect(runOf(after)).toMatchObject({ status: 'success', eventCount: runOf(before).eventCount + 1 });
    expect(after.tables.sessions[0]!.eventCount).toBe(before.tables.sessions[0]!.eventCount + 1);
  });
});

it('there are releases to upgrade from', () => {
  expect(releases).toContain('tables-0.1.0');
});
