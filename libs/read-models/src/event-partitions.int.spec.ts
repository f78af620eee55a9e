import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { claimProjection } from './claim-projection.ts';
import type { Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import type { Projection } from './projection.ts';
import { emptyTables, readTables } from './read-tables.ts';
import { setRetention } from './retention-rules.ts';
import { listRunEvents } from './run-queries.ts';
import { modelOf, SampleLog } from './sample-log.ts';
import { findStoredEvents } from './stored-events.ts';

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase());
});
beforeEach(async () => {
  await emptyTables(database);
  await database.query('TRUNCATE retention');
});
afterAll(() => database.end());

async function claim(shard = 0): Promise<Projection> {
  const claimed = await claimProjection(database, { shard, holder: `of-${shard}`, leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  return claimed.projection;
}

async function placed(): Promise<Record<string, string[]>> {
  const { rows } = await database.query<{ place: string; runs: string[] }>(
    'SELECT tableoid::regclass::text AS place, array_agg(DISTINCT run ORDER BY run) AS runs FROM event GROUP BY 1 ORDER BY 1',
  );
  return Object.fromEntries(rows.map(({ place, runs }) => [place, runs]));
}

describe('The events of a run', () => {
  it('stand in the partition of the day that its tenant, else everybody, has set; without a rule they are kept', async () => {
    const log = new SampleLog();
    await (await claim()).commit(log.event('kept', 'run.started').entries);
    await setRetention(database, { days: 7 });
    await setRetention(database, { tenant: 'beta', days: 90 });
    await setRetention(database, { tenant: 'gamma', days: null });
    log.event('weekly', 'run.started').event('quarterly', 'run.started', {}, { tenant: 'beta' });
    log.event('for-ever', 'run.started', {}, { tenant: 'gamma' });
    await (await claim()).commit(log.entries.slice(1));
    expect(await placed()).toEqual({
      event_kept: ['for-ever', 'kept'],
      event_2026_11_29: ['weekly'],
      event_2027_02_22: ['quarterly'],
    });
  });

  it('stay together and are counted once, whatever becomes of the rule and of the process in between', async () => {
    await setRetention(database, { days: 7 });
    const log = new SampleLog().event('r1', 'run.started').event('r1', 'step.started');
    await (await claim()).commit(log.entries);
    await setRetention(database, { days: 30 });
    const late = { receivedAt: '2026-12-24T00:00:00.000000Z' };
    log.event('r1', 'step.started', {}, { id: 'event-2', ...late }).event('r1', 'run.completed', {}, late);
    await (await claim()).commit(log.entries.slice(2));
    expect(await placed()).toEqual({ event_2026_11_29: ['r1'] });
    expect((await readTables(database)).tables).toEqual(modelOf(log.entries));
  });

  it('are found where they are', async () => {
    await setRetention(database, { days: 7 });
    const log = new SampleLog().event('r1', 'run.started').event('r1', 'step.started');
    await (await claim()).commit(log.entries);
    const { items } = await listRunEvents(database, { tenant: 'acme', run: 'r1', limit: 10 });
    expect(items).toHaveLength(2);
    expect(await findStoredEvents(database, 'acme', [{ run: 'r1', id: 'event-2' }])).toHaveLength(1);
  });
});

describe('Partitions', () => {
  it('are made once, however many shards need the same day at the same time', async () => {
    await setRetention(database, { days: 3 });
    const shards = [1, 2, 3, 4, 5];
    const projections = await Promise.all(shards.map(claim));
    const logs = shards.map((shard) =>
      new SampleLog(shard).event(`r${shard}`, 'run.started', {}, { tenant: `of-shard-${shard}` }),
    );
    await Promise.all(projections.map((projection, at) => projection.commit(logs[at]!.entries)));
    expect(await placed()).toEqual({ event_2026_11_25: ['r1', 'r2', 'r3', 'r4', 'r5'] });
    expect((await database.query('SELECT count(*) AS parked FROM dead_letter')).rows).toEqual([{ parked: 0 }]);
  });

  it('of other days are not looked into when a run is read', async () => {
    await setRetention(database, { days: 7 });
    const log = new SampleLog();
    for (let day = 1; day <= 28; day += 1) {
      log.event(
        `r${day}`,
        'run.started',
        {},
        { receivedAt: `2026-10-${String(day).padStart(2, '0')}T10:00:00.000000Z` },
      );
    }
    await (await claim()).commit(log.entries);
    expect(await partitionsRead("run = 'r9'")).toEqual(
      expect.arrayContaining(['event_2026_10_09', 'event_2026_11_05']),
    );
    expect(await partitionsRead("run = 'r9' AND expires_on = (SELECT expires_on FROM run WHERE run = 'r9')")).toEqual([
      'event_2026_10_17',
    ]);
  });
});

async function partitionsRead(where: string): Promise<string[]> {
  const { rows } = await database.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM event WHERE tenant = 'acme' AND ${where}`,
  );
  return rows.flatMap(({ 'QUERY PLAN': line }) =>
    line.includes('never executed') ? [] : (/ on (event_\w+)/.exec(line)?.slice(1) ?? []),
  );
}

describe('A projector that keeps rows in memory', () => {
  it('reads them anew when somebody else has changed them', async () => {
    const log = new SampleLog().event('r1', 'run.started').event('r1', 'step.started');
    const projection = await claim();
    await projection.commit(log.entries.slice(0, 1));
    await database.query('DELETE FROM event; DELETE FROM run; UPDATE projection SET revision = revision + 1');
    await projection.commit(log.entries.slice(1));
    expect((await readTables(database)).tables).toEqual(modelOf(log.entries.slice(1)));
  });
});
