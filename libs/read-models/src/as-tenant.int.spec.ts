import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '@runcast/test-harness';
import pg from 'pg';
import { asTenant } from './as-tenant.ts';
import { claimProjection } from './claim-projection.ts';
import { openDatabase, type Database } from './database.ts';
import { ApiKeys } from './api-keys.ts';
import { listActs } from './erasure/audit-log.ts';
import { getErasure, requestErasure } from './erasure/erasures.ts';
import { listHolds, placeHold } from './erasure/legal-holds.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { readRedactionRules, writeRedactionRules } from './redaction-rules.ts';
import { ReaderRoleError } from './errors.ts';
import { migrate } from './migrate.ts';
import { listAgentSummaries } from './agent-summaries.ts';
import { getNewestQuestion } from './newest-question.ts';
import { countRuns } from './run-counts.ts';
import { getRun, listAgents, listNamedRuns, listRunEvents, listRuns } from './run-queries.ts';
import { SampleLog } from './sample-log.ts';
import { searchRuns } from './search-runs.ts';
import { getSessionEvent } from './session-event.ts';
import { listJoinedRuns } from './session-links.ts';
import { countSessionEvents, getSession, listSessionEvents, listSessions } from './session-queries.ts';
import { findStoredEvents } from './stored-events.ts';

let url: string;
let database: Database;
beforeAll(async () => {
  ({ url, database } = await migratedDatabase());
  // The same ids everywhere: what differs is whose they are, and that each tenant says its own name.
  const log = new SampleLog();
  for (const tenant of ['acme', 'beta']) {
    const link = {
      tenant,
      session: 's1',
      run: 'r1',
      position: { shard: 0, epoch: 'e1', sequence: log.entries.length + 1 },
    };
    log.entries.push({ kind: 'link', link });
    const own = { tenant, agent: `agent-of-${tenant}` };
    log.event('r1', 'run.started', { input: `said by ${tenant}` }, { ...own, id: 'e1', raw: `"${tenant}"` });
    log.event(
      'r1',
      'human-input.requested',
      { question: `asked by ${tenant}` },
      { ...own, id: 'e2', raw: `"${tenant}"` },
    );
  }
  const claimed = await claimProjection(database, { shard: 0, holder: 'spec', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  await claimed.projection.commit(log.entries);
  for (const tenant of ['acme', 'beta']) await administer(tenant);
});
afterAll(() => database.end());

const erasures: Record<string, string> = {};
/** What an administrator of each tenant does, with the same names. */
async function administer(tenant: string): Promise<void> {
  const by = { tenant, actor: `admin of ${tenant}` };
  await new ApiKeys(database).create({ ...by, name: `key of ${tenant}`, scopes: ['read'] });
  await placeHold(database, { ...by, kind: 'run', subject: 'r1', reason: `of ${tenant}` });
  const asked = await requestErasure(database, { ...by, shard: 0, kind: 'run', subject: 'other' });
  erasures[tenant] = asked.outcome === 'requested' ? asked.id : '';
  await writeRedactionRules(database, tenant, { names: [`field_of_${tenant}`] });
}

/** Every way to read, asked for what both tenants have. */
const READS: Record<string, (of: Database, tenant: string) => Promise<unknown>> = {
  listRuns: (of, tenant) => listRuns(of, { tenant, limit: 10 }),
  listRunsOfSession: (of, tenant) => listRuns(of, { tenant, session: 's1', limit: 10 }),
  getRun: (of, tenant) => getRun(of, { tenant, run: 'r1' }),
  listNamedRuns: (of, tenant) => listNamedRuns(of, { tenant, runs: ['r1'] }),
  listRunEvents: (of, tenant) => listRunEvents(of, { tenant, run: 'r1', limit: 10 }),
  listAgents: (of, tenant) => listAgents(of, { tenant, limit: 10 }),
  listSessions: (of, tenant) => listSessions(of, { tenant, limit: 10 }),
  getSession: (of, tenant) => getSession(of, { tenant, session: 's1' }),
  listSessionEvents: (of, tenant) => listSessionEvents(of, { tenant, session: 's1', limit: 10 }),
  countSessionEvents: (of, tenant) => countSessionEvents(of, { tenant, session: 's1', cap: 10 }),
  getSessionEvent: (of, tenant) => getSessionEvent(of, { tenant, session: 's1', id: 'e1' }),
  listJoinedRuns: (of, tenant) => listJoinedRuns(of, { tenant, session: 's1' }),
  findStoredEvents: (of, tenant) => findStoredEvents(of, tenant, [{ run: 'r1', id: 'e1' }]),
  searchRuns: (of, tenant) => searchRuns(of, { tenant, text: 'r1', limit: 10 }),
  countRuns: (of, tenant) => countRuns(of, { tenant, sinceMs: 0, bucketMs: 1e15 }),
  getNewestQuestion: (of, tenant) => getNewestQuestion(of, { tenant, run: 'r1' }),
  listKeys: (of, tenant) => new ApiKeys(of).list({ tenant }),
  listHolds: (of, tenant) => listHolds(of, tenant),
  listActs: (of, tenant) => listActs(of, { tenant, limit: 10 }),
  getErasure: (of, tenant) => getErasure(of, { tenant, id: erasures['acme']! }),
  readRedactionRules: (of, tenant) => readRedactionRules(of, tenant),
  listAgentSummaries: (of, tenant) => listAgentSummaries(of, { tenant, limit: 10 }),
};

/** `tenant = $1` and its like, which a query may lack one day. */
const TENANT_CLAUSE = /(\w+\.)?tenant = (\(\$\d+\)|\$\d+)/g;

/** The database as queries see it that have forgotten the tenant; without the wall, also as their owner sees it. */
function forgetful(wall: 'wall' | 'no wall'): { database: Database; forgot: () => number } {
  let forgot = 0;
  const rewrite = (sql: string): string => {
    if (wall === 'no wall' && sql.startsWith('BEGIN')) return 'BEGIN READ ONLY';
    return sql.replace(TENANT_CLAUSE, (_clause, _alias, parameter: string) => {
      forgot += 1;
      return `(${parameter}::text IS NOT NULL)`;
    });
  };
  const connect = async () => {
    const connection = await database.connect();
    return {
      query: (sql: string, values?: unknown[]) => connection.query(rewrite(sql), values),
      release: (broken?: boolean) => connection.release(broken),
    };
  };
  return { database: { connect } as unknown as Database, forgot: () => forgot };
}

/** What each of the two tenants is shown. */
async function shownToBoth(of: Database, read: (typeof READS)[string]): Promise<string[]> {
  const shown: string[] = [];
  for (const tenant of ['acme', 'beta']) {
    shown.push(await read(of, tenant).then((value) => JSON.stringify(value) ?? 'nothing', String));
  }
  return shown;
}

describe('A query that forgets the tenant', () => {
  it.each(Object.entries(READS))('%s shows what it showed with it', async (_name, read) => {
    const right = await shownToBoth(database, read);
    const { database: careless, forgot } = forgetful('wall');
    expect(await shownToBoth(careless, read)).toEqual(right);
    expect(forgot()).toBeGreaterThan(0);
    expect(right[0]).not.toContain('beta');
    expect(right[1]).not.toContain('acme');
  });

  it.each(Object.entries(READS))('control: without the wall %s shows something else', async (_name, read) => {
    const { database: careless } = forgetful('no wall');
    expect(await shownToBoth(careless, read)).not.toEqual(await shownToBoth(database, read));
  });
});

describe('The reader of a tenant', () => {
  it.each(['event', 'run', 'session', 'session_run'])(
    'sees its rows of %s, and no other tenant nor nobody does',
    async (table) => {
      const seenBy = async (tenant: string) =>
        (await asTenant(database, tenant).query<{ tenant: string }>(`SELECT DISTINCT tenant FROM ${table}`, [])).rows;
      expect(await seenBy('acme')).toEqual([{ tenant: 'acme' }]);
      expect(await seenBy(`x' OR 'a' = 'a`)).toEqual([]);
      expect(await seenBy('')).toEqual([]);
    },
  );

  it.each(['dead_letter', 'erased_run', 'ticket', 'retention', 'event_kept'])(
    'may not read %s at all',
    async (table) => {
      await expect(asTenant(database, 'acme').query(`SELECT * FROM ${table}`, [])).rejects.toThrow('permission denied');
    },
  );

  it.each(['api_key.hash', 'erasure.subject', 'erasure.targets'])(
    'is not shown %s, its own neither',
    async (hidden) => {
      const [table, column] = hidden.split('.') as [string, string];
      await expect(asTenant(database, 'acme').query(`SELECT ${column} FROM ${table}`, [])).rejects.toThrow(
        'permission denied',
      );
    },
  );

  it('may not write, and leaves nothing of itself on the connection', async () => {
    await expect(asTenant(database, 'acme').query('DELETE FROM run', [])).rejects.toThrow(
      /read-only|permission denied/,
    );
    const one = openDatabase({ databaseUrl: url, applicationName: 'spec', maxConnections: 1 });
    await asTenant(one, 'acme').query('SELECT 1', []);
    const { rows } = await one.query<{ count: number }>('SELECT count(*) AS count FROM run');
    expect(rows).toEqual([{ count: 2 }]);
    await one.end();
  });
});

describe('On a Postgres where the user may make no roles', () => {
  it('migrate says what somebody else must do, and the wall stands once it was done', async () => {
    const fresh = await freshDatabase();
    const name = `app_${new URL(fresh.url).pathname.slice(1)}`;
    const admin = new pg.Client({ connectionString: fresh.url });
    await admin.connect();
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'app'`);
    await admin.query(`GRANT ALL ON SCHEMA public TO ${name}`);
    const asApp = new URL(fresh.url);
    asApp.username = name;
    asApp.password = 'app';
    const refused = await migrate(asApp.href).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ReaderRoleError);
    const [, statement] = /(GRANT runcast_reader TO .*;)/.exec((refused as Error).message) ?? [];
    await admin.query(statement!);
    await admin.end();
    expect(await migrate(asApp.href)).toEqual([]);
    const app = openDatabase({ databaseUrl: asApp.href, applicationName: 'spec' });
    expect((await listRuns(app, { tenant: 'acme', limit: 10 })).items).toEqual([]);
    await app.end();
  });
});
