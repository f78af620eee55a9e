import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freshDatabase } from '@runcast/test-harness';
import { openDatabase, type Database } from './database.ts';
import { textArray } from './text-array.ts';

let database: Database;
beforeAll(async () => {
  const { url } = await freshDatabase();
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
});
afterAll(() => database.end());

it.each([[[]], [['']], [[null]], [['NULL', null, '{}', '"', '\\', ',', 'ä€😀', 'line\nbreak']]])(
  'Postgres reads the array %j as it was meant',
  async (values) => {
    const { rows } = await database.query<{ values: unknown }>('SELECT $1::text[] AS values', [textArray(values)]);
    expect(rows[0]?.values).toEqual(values);
  },
);
