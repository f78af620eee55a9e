import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '@runcast/test-harness';
import { ApiKeys } from './api-keys.ts';
import { claimProjection } from './claim-projection.ts';
import { openDatabase, type Database } from './database.ts';
import { DatabaseNotEmptyError, UnknownMigrationError } from './errors.ts';
import { migrate } from './migrate.ts';
import { readTables } from './read-tables.ts';
import { SampleLog } from './sample-log.ts';
import { copyTablesIn, copyTablesOut, type TablesCopy } from './table-copy.ts';

const open: Database[] = [];
let original: { url: string; database: Database };
const log = new SampleLog().link('r1', 's1').event('r1', 'run.started').unreadable('cut').event('r1', 'message.sent', {
  content: 'tab \t, newline \n, backslash \\., quote " and \\N, 漢字',
});
beforeAll(async () => {
  original = databaseAt((await freshDatabase()).url);
  await migrate(original.url);
  await new ApiKeys(original.database).create({ tenant: 'acme', name: 'spec', scopes: ['read'], actor: 'spec' });
  await project(original.database, log);
});
afterAll(async () => {
  for (const database of open) await database.end();
});

function databaseAt(url: string) {
  const database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  open.push(database);
  return { url, database };
}

async function project(database: Database, { entries }: SampleLog): Promise<void> {
  const claimed = await claimProjection(database, { shard: 0, holder: 'spec', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  await claimed.projection.commit(entries.slice(claimed.projection.claim.sequence));
  await claimed.projection.release();
}

async function copyOut(): Promise<{ copy: TablesCopy; files: Map<string, Buffer> }> {
  const files = new Map<string, Buffer>();
  const copy = await copyTablesOut(original.url, async (table, rows) => void files.set(table, await buffer(rows)));
  return { copy, files };
}

const rowsFrom = (files: Map<string, Buffer>) => (table: string) => Promise.resolve(Readable.from([files.get(table)!]));

describe('a copy of the tables', () => {
  it('makes the same tables in another database, which go on where the first ones stand', async () => {
    const { copy, files } = await copyOut();
    const other = databaseAt((await freshDatabase()).url);
    await copyTablesIn(other.url, copy, rowsFrom(files));
    const before = await readTables(original.database);
    expect(before.position).toBe(4);
    expect(await readTables(other.database)).toEqual(before);
    const again = new Map<string, Buffer>();
    const second = await copyTablesOut(other.url, async (table, rows) => void again.set(table, await buffer(rows)));
    expect([second, again]).toEqual([copy, files]);
    expect(files.get('api_key')!.length).toBeGreaterThan(0);

    log.event('r1', 'run.completed');
    await project(other.database, log);
    expect((await readTables(other.database)).tables.runs).toMatchObject([{ status: 'success', eventCount: 3 }]);
  });

  it('is that of one moment, whatever is written meanwhile', async () => {
    let counted = 0;
    const copy = await copyTablesOut(original.url, async (_table, rows) => {
      counted += 1;
      if (counted === 1)
        await new ApiKeys(original.database).create({ tenant: 'late', name: 'x', scopes: ['read'], actor: 'spec' });
      await buffer(rows);
    });
    const apiKeys = copy.tables.find(({ table }) => table === 'api_key')!;
    const { rows } = await original.database.query<{ count: number }>('SELECT count(*) AS count FROM api_key');
    expect(copy.tables.indexOf(apiKeys)).toBeLessThan(counted);
    expect(rows[0]!.count).toBe(apiKeys.rows + 1);
  });

  it('goes into an empty database only', async () => {
    const { copy, files } = await copyOut();
    await expect(copyTablesIn(original.url, copy, rowsFrom(files))).rejects.toThrow(DatabaseNotEmptyError);
  });

  it('of a newer release is refused, and nothing is written', async () => {
    const { copy, files } = await copyOut();
    const { url } = await freshDatabase();
    const newer = { ...copy, migration: 'FromTheFuture1' };
    await expect(copyTablesIn(url, newer, rowsFrom(files))).rejects.toThrow(UnknownMigrationError);
    await copyTablesIn(url, copy, rowsFrom(files));
  });
});
