import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimProjection } from './claim-projection.ts';
import type { Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import type { Projection } from './projection.ts';
import { emptyTables, readTables } from './read-tables.ts';
import { anyLog, batchesOf, modelOf, SampleLog } from './sample-log.ts';

let database: Database;
beforeAll(async () => {
  ({ database } = await migratedDatabase());
});
beforeEach(() => emptyTables(database));
afterAll(() => database.end());

async function claim(holder = 'one'): Promise<Projection> {
  const claimed = await claimProjection(database, { shard: 0, holder, leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('the spec could not claim the projection');
  return claimed.projection;
}

describe('Given a run of a session', () => {
  const log = new SampleLog()
    .link('r1', 's1')
    .event('r1', 'run.started', { input: 'hi' }, { session: 's1', agent: 'helper' })
    .event('r1', 'llm-call.completed', { usage: { inputTokens: 5, outputTokens: 2, costUsd: 0.1 } })
    .event('r1', 'run.completed', { output: { answer: 42 } });

  it('then event, run and session tell it', async () => {
    expect(await (await claim()).commit(log.entries)).toBe('committed');
    const { tables, position } = await readTables(database);
    expect(position).toBe(4);
    expect(tables).toEqual(modelOf(log.entries));
    expect(tables.runs).toMatchObject([{ status: 'success', eventCount: 3, output: { answer: 42 } }]);
    expect(tables.sessions).toMatchObject([{ session: 's1', runCount: 1, eventCount: 3, agent: 'helper' }]);
  });

  it('when an event is delivered twice, then it counts once', async () => {
    const projection = await claim();
    const twice = new SampleLog()
      .event('r1', 'step.started', {}, { id: 'same' })
      .event('r1', 'step.started', {}, { id: 'same' });
    await projection.commit(twice.entries);
    const third = twice.event('r1', 'step.started', {}, { id: 'same' }).entries.slice(2);
    await projection.commit(third);
    const { tables, position } = await readTables(database);
    expect(tables.events.map((event) => event.position.sequence)).toEqual([1]);
    expect(tables.runs).toMatchObject([{ eventCount: 1, lastSequence: 1, steps: { started: 1 } }]);
    expect(position).toBe(3);
  });

  it('when the same id is of another run or tenant, then it is another event', async () => {
    const same = new SampleLog()
      .event('r1', 'step.started', {}, { id: 'same' })
      .event('r2', 'step.started', {}, { id: 'same' })
      .event('r1', 'step.started', {}, { id: 'same', tenant: 'other' });
    await (await claim()).commit(same.entries);
    expect((await readTables(database)).tables.events).toHaveLength(3);
  });

  it('when a link comes late, then the session begins at the link', async () => {
    const late = new SampleLog().event('r1', 'run.started').link('r1', 's1').event('r1', 'run.completed');
    await (await claim()).commit(late.entries);
    expect((await readTables(database)).tables.sessions).toMatchObject([{ eventCount: 1, firstSequence: 2 }]);
  });
});

describe('A position', () => {
  it('is refused when the batch does not follow it, and nothing is written', async () => {
    const { entries } = new SampleLog().event('r1', 'run.started').event('r1', 'run.completed');
    const projection = await claim();
    await projection.commit(entries);
    await expect(projection.commit(entries)).rejects.toMatchObject({ code: 'batch-out-of-order', after: 2, found: 1 });
    await expect(projection.commit([entries[1]!, entries[0]!])).rejects.toMatchObject({ code: 'batch-out-of-order' });
    const foreign = new SampleLog(0, 'e2').event('r1', 'a').event('r1', 'b').event('r1', 'c').entries.slice(2);
    await expect(projection.commit(foreign)).rejects.toMatchObject({ code: 'foreign-epoch', expected: 'e1' });
    expect((await readTables(database)).tables).toEqual(modelOf(entries));
  });

  it('and its anchor are what the next holder starts from', async () => {
    const { entries } = new SampleLog().event('r1', 'run.started');
    const projection = await claim();
    await projection.commit(entries);
    await projection.release();
    expect((await claim('two')).claim).toMatchObject({ epoch: 'e1', sequence: 1, anchor: projection.claim.anchor });
  });
});

describe('The tables are a function of the log', () => {
  it('however it is cut into batches, and however often the projector begins again', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyLog(40), sizes, fc.integer({ min: 1, max: 5 }), async (entries, batchSizes, restartEvery) => {
        await emptyTables(database);
        let projection = await claim();
        for (const [turn, batch] of batchesOf(entries, batchSizes).entries()) {
          if (turn % restartEvery === 0) projection = await claim();
          expect(await projection.commit(batch)).toBe('committed');
        }
        expect((await readTables(database)).tables).toEqual(modelOf(entries));
      }),
      { numRuns: 60 },
    );
  });

  it('control: the comparison sees one missing event', async () => {
    const { entries } = new SampleLog().event('r1', 'run.started').event('r1', 'step.started');
    await (await claim()).commit(entries);
    await database.query('DELETE FROM event WHERE sequence = 1');
    expect((await readTables(database)).tables).not.toEqual(modelOf(entries));
  });
});

describe('A large payload', () => {
  it('is left where it is by batches that do not change it', async () => {
    const projection = await claim();
    const log = new SampleLog()
      .event('r1', 'run.started', { input: 'x'.repeat(10) })
      .event('r1', 'message.sent', { content: 'a' });
    await projection.commit(log.entries);
    // Stands in for the toasted value: a rewrite would bring back what the fold remembers.
    await database.query(`UPDATE run SET input = '"untouched"', output = '"untouched"'`);
    await projection.commit(log.event('r1', 'step.started').entries.slice(2));
    expect((await readTables(database)).tables.runs).toMatchObject([{ input: 'untouched', output: 'untouched' }]);
    await projection.commit(log.event('r1', 'run.completed').event('r1', 'run.started').entries.slice(3));
    expect((await readTables(database)).tables.runs).toMatchObject([
      { input: 'untouched', output: undefined, attempt: 2 },
    ]);
  });
});
