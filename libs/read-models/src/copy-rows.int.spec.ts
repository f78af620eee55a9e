import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '@runcast/test-harness';
import type { Column } from './columns.ts';
import { copyInto, copyRows, copyText } from './copy-rows.ts';
import { allAnswered, inReplayableTransaction, openDatabase, type Database } from './database.ts';
import { failureOf } from './failures.ts';

interface Row {
  readonly number: number;
  readonly words: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'number', type: 'integer', value: ({ number }) => number },
  { name: 'words', type: 'text', nullable: true, value: ({ words }) => words },
];
const COPY = copyInto('copied', COLUMNS);

let database: Database;
beforeAll(async () => {
  const { url } = await freshDatabase();
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  await database.query('CREATE TABLE copied (number integer PRIMARY KEY, words text)');
});
beforeEach(() => database.query('TRUNCATE copied'));
afterAll(() => database.end());

async function stored(): Promise<Row[]> {
  return (await database.query<Row>('SELECT number, words FROM copied ORDER BY number')).rows;
}

const ODD = ['', null, '\\N', '\\.', 'a\tb', 'a\nb', 'a\r\nb', '\\', '\\\\t', '"quoted"', '\b\f\v', 'ä€😀', 'NULL'];

describe('COPY', () => {
  it('takes every text as it was meant', async () => {
    const rows = ODD.map((words, number) => ({ number, words }));
    const connection = await database.connect();
    await copyRows(connection, COPY, [copyText(COLUMNS, rows.slice(0, 1)), copyText(COLUMNS, rows.slice(1))]);
    connection.release();
    expect(await stored()).toEqual(rows);
  });

  it('stands among statements that are sent together', async () => {
    const text = copyText(COLUMNS, [{ number: 1, words: 'one' }]);
    await inReplayableTransaction(database, (connection) =>
      allAnswered<unknown>([
        connection.query('INSERT INTO copied VALUES (0, $1)', ['zero']),
        copyRows(connection, COPY, [text]),
        connection.query('UPDATE copied SET words = words || $1', ['!']),
      ]),
    );
    expect(await stored()).toEqual([
      { number: 0, words: 'zero!' },
      { number: 1, words: 'one!' },
    ]);
  });

  it('that is refused is the reason for which the whole transaction fails, and the connection goes on', async () => {
    const twice = copyText(COLUMNS, [
      { number: 1, words: 'one' },
      { number: 1, words: 'again' },
    ]);
    const sent = inReplayableTransaction(database, (connection) =>
      allAnswered<unknown>([copyRows(connection, COPY, [twice]), connection.query('INSERT INTO copied VALUES (2)')]),
    );
    const refused = await sent.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: '23505' });
    expect(failureOf(refused)).toBe('content');
    expect(await stored()).toEqual([]);
    expect(database).toMatchObject({ totalCount: 1, idleCount: 1 });
  });

  it('behind a statement that failed is dropped with its rows', async () => {
    const text = copyText(COLUMNS, [{ number: 1, words: 'one' }]);
    const sent = inReplayableTransaction(database, (connection) =>
      allAnswered<unknown>([connection.query('SELECT 1 / 0'), copyRows(connection, COPY, [text])]),
    );
    await expect(sent).rejects.toMatchObject({ code: '22012' });
    expect(await stored()).toEqual([]);
  });

  it('control: what is not escaped is read as something else', async () => {
    const connection = await database.connect();
    await copyRows(connection, COPY, [Buffer.from('1\ta\\tb\n')]);
    connection.release();
    expect(await stored()).toEqual([{ number: 1, words: 'a\tb' }]);
  });
});
