import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import {
  claimProjection,
  getErasure,
  getRun,
  getSession,
  listActs,
  listRunEvents,
  liftHold,
  migrate,
  openDatabase,
  placeHold,
  requestErasure,
  brokenAt,
  setRetention,
  type Database,
  type ErasureKind,
  type Projection,
} from '@runcast/read-models';
import type { RunEvent, Timestamp } from '@runcast/run-events';
import { freshDatabase, freshNamespace, testBackends } from '@runcast/test-harness';
import { dropExpired } from './drop-expired.ts';
import { eraseRequested } from './erase.ts';

let database: Database;
let log: EventLog;
let projection: Projection;

beforeEach(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  log = await EventLog.connect({
    servers: testBackends().natsUrl,
    clientName: 'spec',
    namespace: freshNamespace(),
    shards: 1,
    maxBytes: 50_000_000,
  });
  projection = await claim('one');
});
afterEach(async () => {
  await log.close();
  await database.end();
});

async function claim(holder: string): Promise<Projection> {
  const claimed = await claimProjection(database, { shard: 0, holder, leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  return claimed.projection;
}

let said = 0;
async function say(run: string, type: string, given: Partial<RunEvent> = {}): Promise<void> {
  said += 1;
  const event: RunEvent = {
    id: `event-${said}`,
    tenant: 'acme',
    run,
    type,
    level: 'info',
    occurredAt: `2026-11-21T10:00:00.${String(said).padStart(6, '0')}Z`,
    dialect: 'runcast',
    data: {},
    raw: '{"secret": "canary"}',
    ...given,
  };
  await log.append([event]);
}

/** Brings the tables to the end of the log. */
async function project(): Promise<void> {
  const { lastSequence } = await log.identity(0);
  const reading = new AbortController();
  const { sequence: after } = projection.claim;
  if (
    after >= lastSequence ||
    (await log
      .shard(0)
      .newest(['>'], after)
      .catch(() => undefined)) === undefined
  )
    return;
  for await (const batch of log.tail(0, { after, maxEntries: 100, signal: reading.signal })) {
    await projection.commit(batch);
    if (projection.claim.sequence >= lastSequence) reading.abort();
  }
}

const on = () => ({ shard: 0, log, database, projectedUpTo: () => projection.claim.sequence });
const ask = (kind: ErasureKind, subject: string) =>
  requestErasure(database, { tenant: 'acme', shard: 0, kind, subject, actor: 'key-1' });
async function askAndErase(kind: ErasureKind, subject: string) {
  const asked = await ask(kind, subject);
  if (asked.outcome !== 'requested') throw new Error('held');
  expect(await eraseRequested(on())).toBe(1);
  return (await getErasure(database, { tenant: 'acme', id: asked.id }))!;
}
async function inLog(run: string): Promise<number> {
  const shard = log.shard(0);
  return (await shard.readSubject(shard.runSubject('acme', run), 0, 100)).entries.length;
}
const run = (name: string) => getRun(database, { tenant: 'acme', run: name });
async function everyRow(): Promise<string> {
  const tables = ['event', 'run', 'session', 'session_run', 'dead_letter', 'erasure', 'erased_run', 'audit_log'];
  const rows = await Promise.all(tables.map((table) => database.query(`SELECT to_jsonb(t) AS row FROM ${table} AS t`)));
  return JSON.stringify(rows.map((result) => result.rows as unknown));
}

/** The tables as a projector makes them that begins anew, in the place of a rebuild. */
async function madeAnew(): Promise<unknown> {
  const tables = ['run', 'session', 'session_run', 'event'];
  const rowsOf = async (table: string) =>
    (await database.query<{ row: unknown }>(`SELECT to_jsonb(t) AS row FROM ${table} AS t ORDER BY 1`)).rows;
  const dump = () => Promise.all(tables.map(rowsOf));
  const before = await dump();
  await database.query('TRUNCATE event, run, session, session_run');
  await database.query('UPDATE projection SET sequence = 0, anchor = NULL');
  projection = await claim('one');
  await project();
  expect(await dump()).toEqual(before);
  return before;
}

describe('An erased run', () => {
  it('is in no table and not in the log, its ids are nowhere, and what is left is what a log without it makes', async () => {
    await say('gone-1', 'run.started', { session: 's1', agent: 'first' });
    await say('stays', 'run.started', { session: 's1', agent: 'second' });
    await say('gone-1', 'run.completed');
    await say('stays', 'run.completed', { raw: '{}' });
    await project();
    const erasure = await askAndErase('run', 'gone-1');
    expect(erasure.receipt).toEqual({
      runs: 1,
      log: { events: 2, links: 1, overwritten: true, left: 0 },
      tables: {
        removed: { events: 2, runs: 1, links: 1, deadLetters: 0 },
        left: { events: 0, runs: 0, links: 0, deadLetters: 0 },
      },
    });
    expect(await everyRow()).not.toContain('gone-1');
    expect(await inLog('gone-1')).toBe(0);
    const { session } = (await getSession(database, { tenant: 'acme', session: 's1' }))!;
    expect(session).toMatchObject({ runCount: 1, eventCount: 2, agent: 'second' });
    await madeAnew();
  });

  it('does not come back with a late retry, and the retry is erased from the log as well', async () => {
    await say('gone-1', 'run.started', { id: 'e1' });
    await project();
    await askAndErase('run', 'gone-1');
    await say('gone-1', 'run.completed', { id: 'e2' });
    await say('stays', 'run.started');
    await project();
    expect(await run('gone-1')).toBeUndefined();
    expect(await run('stays')).toBeDefined();
    expect(await inLog('gone-1')).toBe(1);
    expect(await eraseRequested(on())).toBe(1);
    expect(await inLog('gone-1')).toBe(0);
  });

  it('is not forgotten by the projector that kept it in memory', async () => {
    await say('gone-1', 'run.started');
    await project();
    await askAndErase('run', 'gone-1');
    await say('gone-1', 'run.completed');
    await project();
    expect((await listRunEvents(database, { tenant: 'acme', run: 'gone-1', limit: 10 })).items).toEqual([]);
  });

  it('is erased only when the tables have come to its end', async () => {
    await say('gone-1', 'run.started');
    await project();
    await say('gone-1', 'run.completed');
    await ask('run', 'gone-1');
    expect(await eraseRequested(on())).toBe(0);
    expect(await inLog('gone-1')).toBe(2);
    await project();
    expect(await eraseRequested(on())).toBe(1);
  });

  it('is erased to the end by whoever comes after one that died half way', async () => {
    await say('gone-1', 'run.started', { session: 's1' });
    await say('gone-2', 'run.started', { session: 's1' });
    await project();
    await ask('session', 's1');
    const real = log.shard(0);
    const dies = new Proxy(real, {
      get: (shard, name) => {
        if (name === 'erase') return () => Promise.reject(new Error('killed'));
        const value = Reflect.get(shard, name) as unknown;
        return typeof value === 'function' ? (value.bind(shard) as unknown) : value;
      },
    });
    await expect(eraseRequested({ ...on(), log: { shard: () => dies } })).rejects.toThrow('killed');
    expect(await inLog('gone-2')).toBe(1);
    expect(await eraseRequested(on())).toBe(1);
    expect([await inLog('gone-1'), await inLog('gone-2')]).toEqual([0, 0]);
  });
});

describe('An erasure', () => {
  it('of a user takes every run that the user started, of this tenant', async () => {
    await say('a', 'run.started', { data: { userId: 'u-1' } });
    await say('b', 'run.started', { data: { userId: 'u-2' } });
    await say('c', 'run.started', { data: { userId: 'u-1' } });
    await say('c', 'run.started', { tenant: 'beta', data: { userId: 'u-1' } });
    await project();
    expect((await askAndErase('user', 'u-1')).receipt).toMatchObject({ runs: 2 });
    expect([await run('a'), (await run('b'))?.run, await run('c')]).toEqual([undefined, 'b', undefined]);
    expect(await getRun(database, { tenant: 'beta', run: 'c' })).toBeDefined();
  });

  it('is refused while a legal hold keeps a run of it, its own or its session', async () => {
    await say('r1', 'run.started', { session: 's1', data: { userId: 'u-1' } });
    await project();
    const hold = { tenant: 'acme', kind: 'session', subject: 's1', actor: 'key-1' } as const;
    expect(await placeHold(database, { ...hold, reason: 'case 7' })).toBe('placed');
    for (const [kind, subject] of [
      ['run', 'r1'],
      ['session', 's1'],
      ['user', 'u-1'],
    ] as const) {
      expect(await ask(kind, subject)).toEqual({ outcome: 'held', runs: 1 });
    }
    expect(await liftHold(database, hold)).toBe(true);
    expect(await askAndErase('run', 'r1')).toMatchObject({ receipt: { runs: 1 } });
  });

  it('and every hold is in the audit log, a chain that shows any change', async () => {
    await say('r1', 'run.started');
    await project();
    await placeHold(database, { tenant: 'acme', kind: 'run', subject: 'r2', reason: 'case 7', actor: 'key-1' });
    await askAndErase('run', 'r1');
    const { items } = await listActs(database, { tenant: 'acme', limit: 10 });
    expect(items.map(({ action }) => action)).toEqual(['legal-hold.placed', 'erasure.requested', 'erasure.completed']);
    expect(brokenAt(items)).toBeUndefined();
    const [first, second, third] = items as [(typeof items)[0], (typeof items)[0], (typeof items)[0]];
    expect(brokenAt([{ ...first, actor: 'key-2' }, second, third])).toBe(1);
    expect(brokenAt([first, third])).toBe(3);
    expect(brokenAt([first, third, second])).toBe(3);
    for (const change of [`UPDATE audit_log SET actor = 'x'`, 'DELETE FROM audit_log', 'TRUNCATE audit_log']) {
      await expect(database.query(change)).rejects.toThrow('append-only');
    }
  });
});

describe('What has been kept for its days', () => {
  const drop = (now: Timestamp) => dropExpired({ shard: 0, log, database, now: () => now });
  const later = (days: number) =>
    `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T00:00:00.000000Z`;
  const partitions = async () =>
    (await database.query(`SELECT relname FROM pg_class WHERE relname ~ '^event_\\d.*\\d$'`)).rowCount;

  it('goes with its partition, from the log too; what is open or held stays, and so does another tenant', async () => {
    await setRetention(database, { tenant: 'acme', days: 7 });
    await say('over', 'run.started', { session: 's1' });
    await say('over', 'run.completed');
    await say('open', 'run.started', { session: 's1' });
    await say('held', 'run.started');
    await say('held', 'run.completed');
    await say('other', 'run.started', { tenant: 'beta' });
    await say('other', 'run.completed', { tenant: 'beta' });
    await project();
    await placeHold(database, { tenant: 'acme', kind: 'run', subject: 'held', reason: 'case 7', actor: 'key-1' });
    expect(await drop(later(7))).toEqual({ runs: 0, kept: 0, partitions: [] });
    expect(await drop(later(8))).toMatchObject({ runs: 1, kept: 2 });
    expect(await run('over')).toBeUndefined();
    expect(await inLog('over')).toBe(0);
    expect((await database.query(`SELECT 1 FROM event WHERE run = 'over'`)).rowCount).toBe(0);
    for (const name of ['open', 'held']) expect(await run(name)).toBeDefined();
    expect((await listRunEvents(database, { tenant: 'acme', run: 'held', limit: 10 })).items).toHaveLength(2);
    expect(await getRun(database, { tenant: 'beta', run: 'other' })).toBeDefined();
    expect(await partitions()).toBe(1); // that of the run that was open
  });

  it('is counted and folded on when it got another day, also by the projector that kept it in memory', async () => {
    await setRetention(database, { days: 1 });
    await say('open', 'run.started');
    await project();
    await drop(later(3));
    await say('open', 'run.completed');
    await project();
    expect(await run('open')).toMatchObject({ status: 'success', eventCount: 2 });
    const days = await database.query('SELECT DISTINCT expires_on FROM event UNION SELECT expires_on FROM run');
    expect(days.rowCount).toBe(1);
    expect(await drop(later(9))).toMatchObject({ runs: 1 });
    expect(await partitions()).toBe(0);
  });

  it('does not come back when the tables are made anew from the log', async () => {
    await setRetention(database, { days: 1 });
    await say('over', 'run.started', { session: 's1' });
    await say('over', 'run.completed');
    await project();
    await setRetention(database, { days: null });
    await say('stays', 'run.started', { session: 's1' });
    await project();
    await drop(later(3));
    await madeAnew();
  });
});
