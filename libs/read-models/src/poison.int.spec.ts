import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { claimProjection } from './claim-projection.ts';
import type { Database } from './database.ts';
import { countDeadLetters } from './dead-letters.ts';
import type { LogEntry } from './log-entry.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { emptyTables, readTables } from './read-tables.ts';
import { modelOf, SampleLog } from './sample-log.ts';

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase());
});
beforeEach(() => emptyTables(database));
afterAll(() => database.end());

async function project(entries: readonly LogEntry[]): Promise<void> {
  const claimed = await claimProjection(database, { shard: 0, holder: 'one', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  expect(await claimed.projection.commit(entries)).toBe('committed');
}

interface Letter {
  sequence: number;
  kind: string;
  run: string | null;
  subject: string | null;
  reason: string;
  bytes: Buffer;
}

async function deadLetters(): Promise<Letter[]> {
  return (await database.query<Letter>('SELECT * FROM dead_letter ORDER BY sequence')).rows;
}

/** A log of healthy events with one poisonous record in it. */
function around(poison: (log: SampleLog) => SampleLog): { entries: LogEntry[]; healthy: LogEntry[]; sequence: number } {
  const log = new SampleLog().link('r1', 's1');
  for (let count = 0; count < 6; count += 1) log.event('r1', 'step.started');
  const sequence = poison(log).entries.length;
  for (let count = 0; count < 5; count += 1) log.event('r1', 'step.completed');
  return { entries: log.entries, healthy: log.entries.toSpliced(sequence - 1, 1), sequence };
}

describe('A record that the tables cannot take is parked in place and blocks nothing', () => {
  const poisons: [string, RegExp, (log: SampleLog) => SampleLog][] = [
    [
      'a count that is not a number',
      /bigint/,
      (log) => log.event('r1', 'usage.reported', { usage: { inputTokens: 'many' } }),
    ],
    ['a count beyond 64 bits', /bigint/, (log) => log.event('r1', 'usage.reported', { usage: { inputTokens: -1e30 } })],
    ['a negative cost', /run_usage/, (log) => log.event('r1', 'usage.reported', { usage: { costUsd: -1 } })],
    ['an id that is too long', /event_ids/, (log) => log.event('r1', 'a', {}, { id: randomText(129) })],
    ['an id with NUL', /0x00/, (log) => log.event('r1', 'a', {}, { id: 'a\u0000b' })],
    ['a time that is none', /out of range/, (log) => log.event('r1', 'a', {}, { occurredAt: '2026-02-30T00:00:00Z' })],
    ['a model that is no text', /isWellFormed/, (log) => log.event('r1', 'llm-call.started', { model: 7 })],
    ['data that a fold trips over', /TypeError/, (log) => log.event('r1', 'run.completed', null as never)],
    ['a link to a session without a name', /session_run_ids/, (log) => log.link('r1', '')],
    ['bytes that are no record', /not JSON/, (log) => log.unreadable('not JSON')],
  ];

  it.each(poisons)('%s', async (_name, reason, poison) => {
    const { entries, healthy, sequence } = around(poison);
    await project(entries);
    const { tables, position } = await readTables(database);
    expect(tables).toEqual(modelOf(healthy));
    expect(position).toBe(entries.length);
    expect(await deadLetters()).toMatchObject([{ sequence, reason: expect.stringMatching(reason) as unknown }]);
  });

  it('also when there are several in one batch', async () => {
    const log = new SampleLog();
    for (let count = 1; count <= 200; count += 1) {
      log.event(`r${count % 7}`, 'llm-call.completed', { usage: { inputTokens: count % 50 === 0 ? 'many' : 1 } });
    }
    await project(log.entries);
    expect((await deadLetters()).map(({ sequence }) => sequence)).toEqual([50, 100, 150, 200]);
    expect(await countDeadLetters(database, 0)).toBe(4);
    const healthy = log.entries.filter((_, index) => (index + 1) % 50 !== 0);
    expect((await readTables(database)).tables).toEqual(modelOf(healthy));
  });

  it('with the bytes as they came, so that nothing is lost', async () => {
    await project(new SampleLog().unreadable('torn').event('r1', 'a', {}, { id: '', raw: '{"a":1}' }).entries);
    const [unreadable, refused] = await deadLetters();
    expect(unreadable).toMatchObject({ kind: 'unreadable', subject: 'evt.0.acme.r.lost', reason: 'torn', run: null });
    expect([...unreadable!.bytes]).toEqual([0xff, 0x00, 0x7b]);
    expect(refused).toMatchObject({ kind: 'event', run: 'r1', bytes: Buffer.from('{"a":1}') });
  });
});

describe('Text that Postgres cannot hold', () => {
  it('is stored with U+FFFD in its place, and the raw text beside it says what it was', async () => {
    const text = 'a\u0000b\ud800c';
    const raw = JSON.stringify({ content: text });
    await project(new SampleLog().event('r1', 'message.sent', { content: text }, { raw }).entries);
    const { tables } = await readTables(database);
    expect(tables.events).toMatchObject([{ data: { content: 'a\ufffdb\ufffdc' }, raw }]);
    expect(tables.runs).toMatchObject([{ output: 'a\ufffdb\ufffdc' }]);
    expect(await deadLetters()).toEqual([]);
  });
});

/** Not one letter over and over: Postgres compresses that, and limits on size would never be met. */
function randomText(length: number): string {
  return Array.from({ length }, (_, index) => ((index * 7919) % 36).toString(36)).join('');
}
