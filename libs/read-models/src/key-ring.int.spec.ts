import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startTcpProxy, waitFor } from '@runcast/test-harness';
import { ApiKeys, insertKey, newKey } from './api-keys.ts';
import type { Database } from './database.ts';
import { listActs } from './erasure/audit-log.ts';
import { KeyRing } from './key-ring.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';

let url: string;
let database: Database;
let keys: ApiKeys;
const rings: KeyRing[] = [];
beforeAll(async () => {
  ({ url, database } = await migratedDatabase());
  keys = new ApiKeys(database);
});
afterEach(async () => {
  await Promise.all(rings.splice(0).map((ring) => ring.stop()));
});
afterAll(() => database.end());

async function startRing(databaseUrl = url): Promise<KeyRing> {
  const ring = await KeyRing.start({ databaseUrl, pollMs: 25 });
  rings.push(ring);
  return ring;
}

describe('A key', () => {
  it('is shown once and stored as a hash', async () => {
    const { id, key } = await keys.create({ tenant: 'acme', name: 'ci', scopes: ['ingest'], actor: 'spec' });
    expect(key).toMatch(/^rck_[A-Za-z0-9_-]{43}$/);
    const { rows } = await database.query<object>('SELECT * FROM api_key WHERE id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain(key.slice(12));
    expect(await keys.list({ tenant: 'acme' })).toMatchObject([
      { id, name: 'ci', scopes: ['ingest'], prefix: key.slice(0, 8) },
    ]);
  });

  it('can be ended once, by its tenant only, and stays listed', async () => {
    const { id } = await keys.create({ tenant: 'beta', name: 'x', scopes: [], actor: 'spec' });
    expect(await keys.revoke({ tenant: 'acme', id, actor: 'spec' })).toBe(false);
    expect(await keys.revoke({ tenant: 'beta', id, actor: 'spec' })).toBe(true);
    expect(await keys.revoke({ tenant: 'beta', id, actor: 'spec' })).toBe(false);
    expect(await keys.list({ tenant: 'beta' })).toMatchObject([{ id, revokedAt: expect.any(String) as unknown }]);
  });
});

describe('A key ring', () => {
  it('knows the limits of a key, and notes lazily when it was used', async () => {
    const { id, key } = await keys.create({
      tenant: 'limited',
      name: 'x',
      scopes: ['read'],
      agents: ['a'],
      actor: 'spec',
    });
    const ring = await startRing();
    const used = async () => (await keys.list({ tenant: 'limited' }))[0]!.lastUsedAt;
    expect(await used()).toBeUndefined();
    expect(ring.lookup(key)).toEqual({ tenant: 'limited', keyId: id, scopes: ['read'], limits: { agents: ['a'] } });
    await waitFor(async () => (await used()) !== undefined, { describe: 'the use to be noted' });
    const noted = await used();
    ring.lookup(key);
    await ring.refresh();
    // A second use within the minute writes nothing.
    expect(await used()).toEqual(noted);
  });

  it('knows the keys that were there before it, and nobody else', async () => {
    const { id, key } = await keys.create({ tenant: 'acme', name: 'x', scopes: ['read'], actor: 'spec' });
    const ring = await startRing();
    expect(ring.ready).toBe(true);
    expect(ring.lookup(key)).toEqual({ tenant: 'acme', keyId: id, scopes: ['read'] });
    for (const other of ['', 'rck_', `${key}x`, key.slice(1), `rck_${'A'.repeat(43)}`, key.toUpperCase()]) {
      expect(ring.lookup(other)).toBeUndefined();
    }
  });

  it('learns of new and ended keys by itself', async () => {
    const ring = await startRing();
    const { id, key } = await keys.create({ tenant: 'acme', name: 'x', scopes: ['read'], actor: 'spec' });
    await waitFor(() => ring.lookup(key), { describe: 'the new key' });
    await keys.revoke({ tenant: 'acme', id, actor: 'spec' });
    await waitFor(() => ring.lookup(key) === undefined, { describe: 'the ended key to be gone' });
  });

  it('learns of a key whose transaction began before the newest key and committed after it', async () => {
    const ring = await startRing();
    const slow = await database.connect();
    await slow.query('BEGIN');
    await slow.query('SELECT now()');
    const newest = await keys.create({ tenant: 'acme', name: 'newest', scopes: [], actor: 'spec' });
    await waitFor(() => ring.lookup(newest.key), { describe: 'the newest key' });
    const late = newKey();
    await insertKey(slow, { tenant: 'acme', name: 'late', scopes: [] }, late);
    await slow.query('COMMIT');
    slow.release();
    await waitFor(() => ring.lookup(late.key), { describe: 'the late key' });
  });

  it('goes on with what it knows while Postgres is away, and catches up when it is back', async () => {
    const proxy = await startTcpProxy(url);
    const errors: unknown[] = [];
    const away = Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;
    const { id, key } = await keys.create({ tenant: 'acme', name: 'x', scopes: ['read'], actor: 'spec' });
    const ring = await KeyRing.start({ databaseUrl: away, pollMs: 25, onError: (error) => errors.push(error) });
    rings.push(ring);
    const outage = setInterval(() => proxy.cut(), 1);
    await waitFor(() => errors.length > 1, { describe: 'polls to fail' });
    expect(ring.lookup(key)).toMatchObject({ keyId: id });
    clearInterval(outage);
    await keys.revoke({ tenant: 'acme', id, actor: 'spec' });
    await waitFor(() => ring.lookup(key) === undefined, { describe: 'the change to arrive' });
    await ring.stop();
    await proxy.close();
  });

  it('starts without Postgres, recognises nobody, and is not ready', async () => {
    const ring = await startRing('postgres://nobody@127.0.0.1:1/none');
    expect(ring.ready).toBe(false);
    expect(ring.lookup(`rck_${'A'.repeat(43)}`)).toBeUndefined();
  });
});

it('making and ending a key is recorded, with who did it, and never the key', async () => {
  const { id, key } = await keys.create({
    tenant: 'audited',
    name: 'ci',
    scopes: ['ingest'],
    agents: ['a'],
    actor: 'eve',
  });
  expect(await keys.revoke({ tenant: 'audited', id, actor: 'adam' })).toBe(true);
  expect(await keys.revoke({ tenant: 'audited', id, actor: 'adam' })).toBe(false);
  const { items } = await listActs(database, { tenant: 'audited', limit: 10 });
  expect(items.map(({ actor, action, subject, details }) => [actor, action, subject, details])).toEqual([
    ['eve', 'api-key.created', id, { name: 'ci', scopes: ['ingest'], agents: ['a'] }],
    ['adam', 'api-key.revoked', id, {}],
  ]);
  expect(JSON.stringify(items)).not.toContain(key.slice(4));
});
