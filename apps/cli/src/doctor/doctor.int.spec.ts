import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import { ApiKeys, claimProjection, migrate, migrationNames, openDatabase, type Database } from '@runcast/read-models';
import { freshDatabase, freshNamespace, testBackends } from '@runcast/test-harness';
import { doctor } from './doctor.ts';
import { startGuardedNats, type GuardedNats } from './guarded-nats.fixture.ts';

interface Installation {
  env: Record<string, string>;
  version: string;
  now: () => number;
  readonly database: Database;
}

/** An installation to which nothing is amiss. */
async function healthy({ until }: { until?: string } = {}): Promise<Installation> {
  const { url } = await freshDatabase();
  await migrate(url, { ...(until !== undefined && { until }) });
  const { natsUrl } = testBackends();
  const namespace = freshNamespace();
  const log = await EventLog.connect({ servers: natsUrl, clientName: 'spec', namespace, shards: 2, maxBytes: 5e7 });
  await log.close();
  const database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  if (until === undefined) {
    await new ApiKeys(database).create({ tenant: 'acme', name: 'spec', scopes: ['read'], actor: 'spec' });
  }
  const env = { NATS_URL: natsUrl, DATABASE_URL: url, RUNCAST_NAMESPACE: namespace, RUNCAST_SHARDS: '2' };
  return { env, version: 'v24.0.0', now: Date.now, database };
}

async function examine({ env, version, now, database }: Installation): Promise<{ code: number; text: string }> {
  await database.end();
  let text = '';
  const stdout = { write: (more: string) => (text += more) };
  return { code: await doctor({ env, version, stdout }, now), text };
}

let guarded: GuardedNats;
beforeAll(async () => {
  guarded = await startGuardedNats();
});
afterAll(() => guarded?.stop());

/** The same installation behind a NATS that asks for a login. */
async function behindLogin({ env }: Installation, user: string, password: string): Promise<void> {
  const { RUNCAST_NAMESPACE: namespace } = env;
  const login = { user: 'runcast', password: 'right' };
  const options = { servers: guarded.url, clientName: 'spec', shards: 2, maxBytes: 5e7, login };
  const log = await EventLog.connect({ ...options, namespace: namespace! });
  await log.close();
  Object.assign(env, { NATS_URL: guarded.url, NATS_USER: user, NATS_PASSWORD: password });
}

/** A port on which nobody listens. */
const NOBODY = '127.0.0.1:1';

const PLANTED: [string, (it: Installation) => unknown, RegExp][] = [
  ['a Node that is too old', (it) => (it.version = 'v18.2.0'), /FAULT +Node +v18.2.0 is too old\n.*install Node 20.19/],
  ['no DATABASE_URL', (it) => delete it.env['DATABASE_URL'], /FAULT +settings +DATABASE_URL: .*\n.*set DATABASE_URL/],
  ['a NATS_URL that is none', (it) => (it.env['NATS_URL'] = '::'), /FAULT +settings +NATS_URL: .*\n.*set NATS_URL/],
  ['a NATS that is away', (it) => (it.env['NATS_URL'] = `nats://${NOBODY}`), /FAULT +NATS .*\n.*start nats-server/],
  [
    'a wrong NATS password',
    (it) => behindLogin(it, 'runcast', 'wrong'),
    /FAULT +NATS +.*[Aa]uthorization.*\n.*set NATS_USER and NATS_PASSWORD/,
  ],
  [
    'a NATS login without permission',
    (it) => behindLogin(it, 'stranger', 'right'),
    /FAULT +NATS +.*[Pp]ermission.*\n.*allow this login the subjects/,
  ],
  [
    'another namespace',
    (it) => (it.env['RUNCAST_NAMESPACE'] = freshNamespace()),
    /FAULT +log +shards 0, 1 of 2 have no stream.*\n.*RUNCAST_NAMESPACE/,
  ],
  [
    'another number of shards',
    (it) => (it.env['RUNCAST_SHARDS'] = '3'),
    /FAULT +log +shards 2 of 3 .*\n.*RUNCAST_SHARDS to 2/,
  ],
  [
    'a Postgres that is away',
    (it) => (it.env['DATABASE_URL'] = `postgres://u:p@${NOBODY}/d`),
    /FAULT +Postgres .*\n.*start Postgres/,
  ],
  [
    'a database that is not there',
    (it) => rename(it, 'nobody_made_it'),
    /FAULT +Postgres .*nobody_made_it.*\n.*createdb nobody_made_it/,
  ],
  [
    'a database without tables',
    async (it) => (it.env['DATABASE_URL'] = (await freshDatabase()).url),
    /FAULT +tables +there are none\n.*runcast migrate/,
  ],
  [
    'tables of a newer release',
    (it) => it.database.query(`INSERT INTO migration (timestamp, name) VALUES (1, 'Later1')`),
    /FAULT +tables .*newer release \(Later1\)\n/,
  ],
  ['no key', (it) => it.database.query('DELETE FROM api_key'), /FAULT +keys .*\n.*runcast keys create/],
  ['a user without rights', powerless, /FAULT +Postgres .*permission denied.*\n.*GRANT ALL/],
  [
    'tables of another log',
    otherLog,
    /FAULT +projection +the tables of shards 1 were made from another log\n.*runcast rebuild/,
  ],
  ['a clock that is wrong', (it) => (it.now = () => Date.now() - 3_600_000), /FAULT +Postgres .*ms ahead\n.*NTP/],
];

function rename(it: Installation, name: string): void {
  const url = new URL(it.env['DATABASE_URL']!);
  url.pathname = `/${name}`;
  it.env['DATABASE_URL'] = url.href;
}

async function powerless(it: Installation): Promise<void> {
  const role = freshNamespace();
  await it.database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
  const url = new URL(it.env['DATABASE_URL']!);
  [url.username, url.password] = [role, 'p'];
  it.env['DATABASE_URL'] = url.href;
}

async function otherLog({ database }: Installation): Promise<void> {
  const request = { shard: 1, holder: 'spec', leaseMs: 1_000 };
  await claimProjection(database, request);
  await database.query(`UPDATE projection SET epoch = 'another' WHERE shard = 1`);
}

describe('runcast doctor', () => {
  it('finds nothing where nothing is amiss', async () => {
    const { code, text } = await examine(await healthy());
    expect(text).not.toContain('FAULT');
    expect(text).toContain('All is well.');
    expect(code).toBe(0);
  });

  it.each(PLANTED)('names %s, and says what to do', async (_what, plant, expected) => {
    const installation = await healthy();
    await plant(installation);
    const { code, text } = await examine(installation);
    expect(text).toMatch(expected);
    expect(text).toMatch(/\n1 fault\.\n$/);
    expect(code).toBe(3);
  });

  it('finds nothing amiss behind a login that is right', async () => {
    const installation = await healthy();
    await behindLogin(installation, 'runcast', 'right');
    expect((await examine(installation)).text).toContain('All is well.');
  });

  it('names tables of an older release', async () => {
    const { text } = await examine(await healthy({ until: migrationNames()[0]! }));
    expect(text).toMatch(/FAULT +tables +\d migrations have not run\n.*runcast migrate/);
  });
});
