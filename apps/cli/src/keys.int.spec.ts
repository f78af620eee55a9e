import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyRing } from '@runcast/read-models';
import { freshDatabase, type FreshDatabase } from '@runcast/test-harness';
import { createKey, listKeys, revokeKey } from './keys.ts';
import { keepDemoKey } from './demo-key.ts';
import { UserError } from './errors.ts';
import { Home } from './home.ts';
import { migrateTables } from './migrate-tables.ts';

describe('the commands that deployments use', () => {
  let database: FreshDatabase;
  let home: Home;
  beforeAll(async () => {
    database = await freshDatabase();
    home = new Home(mkdtempSync(join(tmpdir(), 'runcast-keys-')));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(home.folder, { recursive: true });
  });

  function host(env: NodeJS.ProcessEnv = { DATABASE_URL: database.url }): {
    process: NodeJS.Process;
    printed: string[];
  } {
    const printed: string[] = [];
    const stdout = { write: (text: string) => printed.push(text) };
    return { process: { env, stdout } as unknown as NodeJS.Process, printed };
  }
  async function holderOf(key: string): Promise<unknown> {
    const ring = await KeyRing.start({ databaseUrl: database.url });
    const holder = ring.lookup(key);
    await ring.stop();
    return holder;
  }

  it('migrate, and have nothing to do the second time', async () => {
    const { process, printed } = host();
    await expect(migrateTables(process)).resolves.toBe(0);
    await expect(migrateTables(process)).resolves.toBe(0);
    expect(printed).toEqual([expect.stringMatching(/^migrated: /), 'up to date\n']);
  });

  it('make a key that opens doors', async () => {
    const { process, printed } = host();
    await createKey({ tenant: 'acme', name: 'ci', scopes: 'ingest, read' }, process);
    await expect(holderOf(printed[0]!.trim())).resolves.toMatchObject({ tenant: 'acme', scopes: ['ingest', 'read'] });
  });

  it('keep a key in a file, and make another only when that one is good no more', async () => {
    const { process, printed } = host();
    const keepIn = join(home.folder, 'kept-key');
    const request = { tenant: 'kept', name: 'demo', scopes: 'read', keepIn };
    await createKey(request, process);
    await createKey(request, process);
    expect(printed[1]).toBe(printed[0]);
    expect(readFileSync(keepIn, 'utf8')).toBe(printed[0]);
    await createKey({ ...request, tenant: 'other' }, process);
    expect(printed[2]).not.toBe(printed[0]);
    await expect(holderOf(readFileSync(keepIn, 'utf8').trim())).resolves.toMatchObject({ tenant: 'other' });
  });

  it('list keys without showing one, and revoke one for good', async () => {
    const { process, printed } = host();
    await createKey({ tenant: 'listed', name: 'ci', scopes: 'read', agents: 'a, b' }, process);
    const key = printed.pop()!.trim();
    await listKeys({ tenant: 'listed' }, process);
    const line = printed.pop()!;
    expect(line).toContain(`${key.slice(0, 8)}…  ci  read  a,b  made `);
    expect(line).not.toContain(key);
    const [id] = line.split('  ');
    await expect(revokeKey({ tenant: 'acme', id: id! }, process)).rejects.toThrow('no such key');
    await revokeKey({ tenant: 'listed', id: id! }, process);
    await expect(holderOf(key)).resolves.toBeUndefined();
    await expect(revokeKey({ tenant: 'listed', id: id! }, process)).rejects.toThrow('revoked before');
  });

  it('refuse what cannot be used, by name', async () => {
    const { process } = host();
    const request = { tenant: 'acme', name: 'ci', scopes: 'ingest' };
    await expect(createKey({ ...request, tenant: undefined }, process)).rejects.toThrow('--tenant');
    await expect(createKey({ ...request, scopes: 'root' }, process)).rejects.toThrow('--scopes');
    await expect(migrateTables(host({}).process)).rejects.toThrow(UserError);
  });

  it('keep the demo key over starts, and make a new one when the tables do not know it', async () => {
    const key = await keepDemoKey(home, database.url);
    await expect(keepDemoKey(home, database.url)).resolves.toBe(key);
    home.write('demoKey', `rck_${'x'.repeat(43)}`);
    const next = await keepDemoKey(home, database.url);
    await expect(holderOf(next)).resolves.toMatchObject({ tenant: 'demo' });
  });
});
