import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimProjection } from './claim-projection.ts';
import type { Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { getRun, listAgents, listRunEvents, listRuns, type RunFilter } from './run-queries.ts';
import { SampleLog } from './sample-log.ts';
import { countSessionEvents, getSession, listSessionEvents, listSessions } from './session-queries.ts';

const tenant = 'acme';
const log = new SampleLog()
  .event('r1', 'run.started', { input: 'large' }, { agent: 'ada', occurredAt: '2026-01-01T00:00:00.000000Z' })
  .event('r1', 'step.started', {}, { level: 'debug' })
  .link('r1', 's1')
  .event('r1', 'run.completed')
  .link('r2', 's1')
  .event('r2', 'run.started', {}, { agent: 'bob', occurredAt: '2026-02-01T00:00:00.000000Z' })
  .event('r3', 'run.started', {}, { agent: 'ada', occurredAt: '2026-03-01T00:00:00.000000Z' })
  .event('r2', 'human-input.requested', { question: 'Go on?' })
  .link('r3', 's2')
  .event('foreign', 'run.started', {}, { tenant: 'other', agent: 'eve' })
  .event('r3', 'run.failed', { error: { message: 'no' } }, { level: 'error' });

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase());
  await project(log);
});
afterAll(() => database.end());

async function project(given: SampleLog): Promise<void> {
  const claimed = await claimProjection(database, { shard: given.shard, holder: 'one', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  await claimed.projection.commit(given.entries.slice(claimed.projection.claim.sequence));
}

async function names(filter: Partial<RunFilter>): Promise<string[]> {
  return (await listRuns(database, { tenant, limit: 10, ...filter })).items.map(({ run }) => run);
}

describe('listRuns', () => {
  it('shows the newest first, of this tenant only', async () => {
    expect(await names({})).toEqual(['r3', 'r2', 'r1']);
    expect(await names({ tenant: 'nobody' })).toEqual([]);
  });

  it.each<[string, Partial<RunFilter>, string[]]>([
    ['status', { status: 'waiting_for_input' }, ['r2']],
    ['agent', { agent: 'ada' }, ['r3', 'r1']],
    ['session', { session: 's1' }, ['r2', 'r1']],
    ['a start after', { startedAfter: '2026-02-01T00:00:00.000000Z' }, ['r3']],
    ['a start before', { startedBefore: '2026-02-01T00:00:00.000000Z' }, ['r1']],
    ['all of them', { agent: 'ada', session: 's1', status: 'success' }, ['r1']],
  ])('filters by %s', async (_name, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  it('pages through all of them once at limit 1 and 2', async () => {
    for (const limit of [1, 2, 3]) {
      const seen: string[] = [];
      for (let after: number | undefined; ;) {
        const { items, next } = await listRuns(database, { tenant, limit, ...(after !== undefined && { after }) });
        seen.push(...items.map(({ run }) => run));
        if (next === undefined) break;
        after = next;
      }
      expect(seen).toEqual(['r3', 'r2', 'r1']);
    }
  });

  it('leaves out what may be megabytes', async () => {
    const { items } = await listRuns(database, { tenant, limit: 10 });
    expect(items.at(-1)).not.toHaveProperty('input');
  });
});

describe('getRun', () => {
  it('gives the whole run', async () => {
    expect(await getRun(database, { tenant, run: 'r1' })).toMatchObject({
      run: 'r1',
      input: 'large',
      status: 'success',
    });
  });

  it("gives nothing for an unknown run and for another tenant's", async () => {
    expect(await getRun(database, { tenant, run: 'r9' })).toBeUndefined();
    expect(await getRun(database, { tenant, run: 'foreign' })).toBeUndefined();
  });
});

describe('Events between two positions', () => {
  const sequencesOf = ({ items }: { items: readonly { position: { sequence: number } }[] }) =>
    items.map(({ position }) => position.sequence);

  it('of a run are those after the one and up to the other', async () => {
    const between = (after: number, upTo: number) =>
      listRunEvents(database, { tenant, run: 'r1', after, upTo, limit: 10 }).then(sequencesOf);
    expect(await between(0, 4)).toEqual([1, 2, 4]);
    expect(await between(1, 3)).toEqual([2]);
    expect(await between(2, 3)).toEqual([]);
  });

  it('of a session are those of its runs, in log order, with a page for the rest', async () => {
    const between = (after: number, upTo: number, limit = 10) =>
      listSessionEvents(database, { tenant, session: 's1', after, upTo, limit });
    expect(sequencesOf(await between(0, 100))).toEqual([4, 6, 8]);
    expect(sequencesOf(await between(4, 7))).toEqual([6]);
    expect(await between(0, 6, 1)).toMatchObject({ items: [{ run: 'r1' }], next: 4 });
    expect(await between(4, 6, 1)).not.toHaveProperty('next');
  });
});

describe('listRunEvents', () => {
  const sequences = async (given: Partial<Parameters<typeof listRunEvents>[1]>) => {
    const { items, next } = await listRunEvents(database, { tenant, run: 'r1', limit: 10, ...given });
    return { sequences: items.map(({ position }) => position.sequence), next };
  };

  it('gives them in log order, as they were recorded', async () => {
    const { items } = await listRunEvents(database, { tenant, run: 'r1', limit: 10 });
    expect(items).toStrictEqual(
      log.entries.flatMap((entry) => (entry.kind === 'event' && entry.event.run === 'r1' ? [entry.event] : [])),
    );
  });

  it('pages after a sequence and filters by type and level', async () => {
    expect(await sequences({ limit: 2 })).toEqual({ sequences: [1, 2], next: 2 });
    expect(await sequences({ limit: 2, after: 2 })).toEqual({ sequences: [4], next: undefined });
    expect(await sequences({ types: ['run.completed', 'run.started'] })).toMatchObject({ sequences: [1, 4] });
    expect(await sequences({ levels: ['debug'] })).toMatchObject({ sequences: [2] });
  });
});

describe('Sessions', () => {
  it('are listed newest first and filtered by agent', async () => {
    const list = async (agent?: string) =>
      (await listSessions(database, { tenant, limit: 10, ...(agent && { agent }) })).items.map(
        ({ session }) => session,
      );
    expect(await list()).toEqual(['s2', 's1']);
    expect(await list('bob')).toEqual(['s1']);
    expect(await listSessions(database, { tenant, limit: 1 })).toMatchObject({ items: [{ session: 's2' }], next: 9 });
  });

  it('come with their runs', async () => {
    const found = await getSession(database, { tenant, session: 's1' });
    expect(found?.session).toMatchObject({ runCount: 2, eventCount: 3 });
    expect(found?.runs.map(({ run }) => run)).toEqual(['r2', 'r1']);
    expect(await getSession(database, { tenant: 'other', session: 's1' })).toBeUndefined();
  });

  it('have those events of their runs that stand after the link, in log order over all runs', async () => {
    const list = async (given: { limit: number; after?: number; types?: string[] }) => {
      const { items, next } = await listSessionEvents(database, { tenant, session: 's1', ...given });
      return { sequences: items.map(({ position }) => position.sequence), next };
    };
    expect(await list({ limit: 10 })).toEqual({ sequences: [4, 6, 8], next: undefined });
    expect(await list({ limit: 2 })).toEqual({ sequences: [4, 6], next: 6 });
    expect(await list({ limit: 2, after: 6 })).toEqual({ sequences: [8], next: undefined });
    expect(await list({ limit: 10, types: ['run.started'] })).toMatchObject({ sequences: [6] });
    const failed = await listSessionEvents(database, { tenant, session: 's2', limit: 10, levels: ['error'] });
    expect(failed.items.map(({ position }) => position.sequence)).toEqual([11]);
    const debug = await listSessionEvents(database, { tenant, session: 's2', limit: 10, levels: ['debug'] });
    expect(debug.items).toEqual([]);
  });

  it('are counted exactly below the cap', async () => {
    const count = (cap: number, types?: string[]) =>
      countSessionEvents(database, { tenant, session: 's1', cap, ...(types && { types }) });
    expect(await count(10)).toEqual({ count: 3, exact: true });
    expect(await count(2)).toEqual({ count: 2, exact: false });
    expect(await count(10, ['run.completed'])).toEqual({ count: 1, exact: true });
  });
});

describe('listAgents', () => {
  it('names each agent of the tenant once, in pages', async () => {
    expect(await listAgents(database, { tenant, limit: 10 })).toEqual({ items: ['ada', 'bob'] });
    expect(await listAgents(database, { tenant, limit: 1 })).toEqual({ items: ['ada'], next: 'ada' });
    expect(await listAgents(database, { tenant, limit: 1, after: 'ada' })).toEqual({ items: ['bob'] });
  });
});

describe('A page that is read while events arrive', () => {
  it('neither repeats nor skips a run: updates do not move it', async () => {
    const first = await listRuns(database, { tenant, limit: 2 });
    await project(
      log.event('r1', 'run.started', {}, { occurredAt: '2026-12-01T00:00:00.000000Z' }).event('r4', 'run.started'),
    );
    const second = await listRuns(database, { tenant, limit: 2, after: first.next! });
    expect([...first.items, ...second.items].map(({ run }) => run)).toEqual(['r3', 'r2', 'r1']);
  });
});
