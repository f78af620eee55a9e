import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { forgetIdleBudgets, leaseBudget } from './rate-budgets.ts';

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase({ maxConnections: 8 }));
});
afterAll(() => database.end());

describe('a shared bucket', () => {
  it('gives out what it holds, however many ask at the same time', async () => {
    const began = performance.now();
    const asked = Array.from({ length: 40 }, () => leaseBudget(database, { bucket: 'a', perMinute: 60, want: 5 }));
    const granted = (await Promise.all(asked)).reduce((sum, lease) => sum + lease.granted, 0);
    // A token a second flows in meanwhile.
    expect(granted).toBeGreaterThanOrEqual(60);
    expect(granted).toBeLessThanOrEqual(60 + Math.ceil((performance.now() - began) / 1_000));
  });

  it('fills by the time that passed, never above its depth', async () => {
    // A token takes ten seconds: none comes between two statements.
    const bucket = { bucket: 'b', perMinute: 6, want: 100 };
    await leaseBudget(database, bucket);
    await database.query(`UPDATE rate_budget SET tokens = 0, read_at = now() - interval '21 s' WHERE bucket = 'b'`);
    expect(await leaseBudget(database, bucket)).toMatchObject({ granted: 2 });
    await database.query(`UPDATE rate_budget SET read_at = now() - interval '1 day' WHERE bucket = 'b'`);
    expect(await leaseBudget(database, bucket)).toMatchObject({ granted: 6 });
  });

  it('does not lose tokens to a clock that was set back, and is forgotten when it is full again', async () => {
    await leaseBudget(database, { bucket: 'c', perMinute: 60, want: 50 });
    await database.query(`UPDATE rate_budget SET read_at = now() + interval '1 hour' WHERE bucket = 'c'`);
    expect(await leaseBudget(database, { bucket: 'c', perMinute: 60, want: 60 })).toMatchObject({ granted: 10 });
    await database.query(`UPDATE rate_budget SET read_at = now() - interval '2 hours'`);
    await forgetIdleBudgets(database);
    expect((await database.query('SELECT FROM rate_budget')).rowCount).toBe(0);
  });
});
