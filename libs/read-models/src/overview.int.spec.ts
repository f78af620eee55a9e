import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listAgentSummaries } from './agent-summaries.ts';
import { claimProjection } from './claim-projection.ts';
import type { Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { getNewestQuestion } from './newest-question.ts';
import { countRuns } from './run-counts.ts';
import { listNamedRuns } from './run-queries.ts';
import { SampleLog } from './sample-log.ts';
import { searchRuns } from './search-runs.ts';

const tenant = 'acme';
const at = (minute: number, second = 0) =>
  `2026-01-01T00:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000000Z`;
const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15, costUsd: 0.5 };
const log = new SampleLog()
  .event('invoice-1', 'run.started', {}, { agent: 'ada', occurredAt: at(0) })
  .event('invoice-1', 'run.completed', { usage }, { occurredAt: at(0, 4) })
  .event('other-2', 'run.started', {}, { agent: 'ada', occurredAt: at(1) })
  .event('other-2', 'human-input.requested', { question: 'Pay the 100% INVOICE?' })
  .event('other-2', 'human-input.received', { response: 'yes' })
  .event('other-2', 'human-input.received', { response: 'no' })
  .event('other-3', 'run.started', {}, { agent: 'bob', occurredAt: at(1, 30) })
  .event('other-3', 'run.failed', { error: { message: 'no invoice_found' } }, { occurredAt: at(1, 40) })
  .event('asks-4', 'run.started', {}, { agent: 'ada', occurredAt: at(2) })
  .event('asks-4', 'human-input.requested', { question: 'First?' })
  .event('asks-4', 'human-input.received', { response: 1 })
  .event('asks-4', 'human-input.requested', { question: 'Second?' })
  .event('invoice-5', 'run.started', {}, { tenant: 'rival', agent: 'eve', occurredAt: at(1) });

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase());
  const claimed = await claimProjection(database, { shard: 0, holder: 'one', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  await claimed.projection.commit(log.entries);
});
afterAll(() => database.end());

describe('searchRuns', () => {
  const found = async (text: string, more: object = {}) =>
    (await searchRuns(database, { tenant, limit: 10, text, ...more })).items.map(({ run }) => run);

  it.each([
    ['an id', 'other-', ['other-3', 'other-2']],
    ['an agent, in capitals', 'ADA', ['asks-4', 'other-2', 'invoice-1']],
    ['an open question', 'second?', ['asks-4']],
    ['an error', 'invoice_found', ['other-3']],
    ['what would be a pattern', '%', []],
    ['nothing across two fields', '4ada', []],
  ])('finds runs by %s', async (_what, text, runs) => expect(await found(text)).toEqual(runs));

  it('keeps to the filter and the tenant', async () => {
    expect(await found('invoice', { agent: 'bob' })).toEqual(['other-3']);
    expect(await found('invoice', { tenant: 'rival' })).toEqual(['invoice-5']);
  });

  it('looks at a bounded number of runs a page, and goes on where it stopped', async () => {
    const pages: string[][] = [];
    for (let after: number | undefined; pages.length < 9;) {
      const search = { tenant, limit: 1, text: 'invoice-1', ...(after !== undefined && { after }) };
      const { items, next } = await searchRuns(database, search, 2);
      pages.push(items.map(({ run }) => run));
      if (next === undefined) break;
      after = next;
    }
    expect(pages).toEqual([[], ['invoice-1'], []]);
  });
});

describe('countRuns', () => {
  const counted = (sinceMs: number, lookAt?: number) =>
    countRuns(database, { tenant, sinceMs, bucketMs: 60_000 }, lookAt);

  it('counts the runs of each bucket by their status', async () => {
    const since = Date.parse(at(0));
    expect(await counted(since)).toEqual({
      buckets: [
        { fromMs: since, counts: { success: 1 } },
        { fromMs: since + 60_000, counts: { running: 1, error: 1 } },
        { fromMs: since + 120_000, counts: { waiting_for_input: 1 } },
      ],
      isCut: false,
    });
  });

  it('leaves out what began before, and says when there was more than it looked at', async () => {
    expect((await counted(Date.parse(at(2)))).buckets).toHaveLength(1);
    const { buckets, isCut } = await counted(Date.parse(at(0)), 2);
    expect([buckets.length, isCut]).toEqual([2, true]);
    expect(await countRuns(database, { tenant: 'nobody', sinceMs: 0, bucketMs: 1 })).toEqual({
      buckets: [],
      isCut: false,
    });
  });
});

describe('listAgentSummaries', () => {
  it('sums up the runs of each agent', async () => {
    const { items } = await listAgentSummaries(database, { tenant, limit: 10 });
    expect(items).toMatchObject([
      {
        agent: 'ada',
        runCount: 3,
        byStatus: { running: 1, waiting_for_input: 1, success: 1, error: 0 },
        totalTokens: 15,
        costUsd: 0.5,
        medianDurationMs: 4_000,
      },
      { agent: 'bob', runCount: 1, byStatus: { error: 1 }, medianDurationMs: 10_000 },
    ]);
  });

  it('pages by name', async () => {
    const first = await listAgentSummaries(database, { tenant, limit: 1 });
    expect([first.items.map(({ agent }) => agent), first.next]).toEqual([['ada'], 'ada']);
    const second = await listAgentSummaries(database, { tenant, limit: 1, after: 'ada' });
    expect([second.items.map(({ agent }) => agent), second.next]).toEqual([['bob'], undefined]);
  });
});

describe('getNewestQuestion', () => {
  const newest = async (run: string) => {
    const question = await getNewestQuestion(database, { tenant, run });
    return question && [question.asked.data['question'], question.answered?.data['response']];
  };

  it.each([
    ['asks-4', ['Second?', undefined]],
    ['other-2', ['Pay the 100% INVOICE?', 'yes']],
    ['invoice-1', undefined],
    ['nobody', undefined],
  ])('of %s is %j', async (run, question) => expect(await newest(run)).toEqual(question));
});

it('listNamedRuns gives those of the tenant', async () => {
  const runs = await listNamedRuns(database, { tenant, runs: ['other-2', 'invoice-5', 'nobody'] });
  expect(runs.map(({ run }) => run)).toEqual(['other-2']);
});
