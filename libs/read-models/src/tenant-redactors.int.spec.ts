import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTcpProxy, waitFor } from '@runcast/test-harness';
import { openDatabase, type Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { readRedactionRules, writeRedactionRules } from './redaction-rules.ts';
import { TenantRedactors } from './tenant-redactors.ts';

let url: string;
let database: Database;
beforeAll(async () => {
  ({ url, database } = await migratedDatabase());
});
afterAll(() => database.end());

const EVENT = '{"national_id":"x","password":"y"}';

describe('Rules of a tenant', () => {
  it('reach replicas that run already, and nobody else', async () => {
    const replicas = [
      await TenantRedactors.start({ database, pollMs: 25 }),
      await TenantRedactors.start({ database, pollMs: 25 }),
    ];
    expect(await readRedactionRules(database, 'acme')).toBeUndefined();
    const { changedAt } = await writeRedactionRules(database, 'acme', { names: ['national-id'] });
    for (const replica of replicas) {
      await waitFor(() => replica.of('acme').json(EVENT).paths.length === 2, { describe: 'the new rules' });
      expect(replica.of('rival').json(EVENT).paths).toEqual(['password']);
    }
    await writeRedactionRules(database, 'acme', { disable: ['field'] });
    for (const replica of replicas) {
      await waitFor(() => replica.of('acme').json(EVENT).paths.length === 0, { describe: 'the rules after them' });
      await replica.stop();
    }
    const stored = await readRedactionRules(database, 'acme');
    expect(stored?.rules).toEqual({ disable: ['field'] });
    expect(stored!.changedAt > changedAt).toBe(true);
  });

  it('are gone by while Postgres is away, and are not ready before it was there', async () => {
    await writeRedactionRules(database, 'away', { names: ['national-id'] });
    const proxy = await startTcpProxy(url);
    const away = Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;
    const through = openDatabase({ databaseUrl: away, applicationName: 'spec', waitMs: 2_000 });
    const faults: unknown[] = [];
    const beginning = setInterval(() => proxy.cut(), 1);
    const redactors = await TenantRedactors.start({ database: through, pollMs: 25, onError: (e) => faults.push(e) });
    expect(redactors.ready).toBe(false);
    clearInterval(beginning);
    await waitFor(() => redactors.ready, { describe: 'the rules' });
    const outage = setInterval(() => proxy.cut(), 1);
    const before = faults.length;
    await waitFor(() => faults.length > before + 1, { describe: 'polls to fail' });
    expect(redactors.of('away').json(EVENT).paths).toHaveLength(2);
    clearInterval(outage);
    await redactors.stop();
    await through.end();
    await proxy.close();
  });
});
