import { expect, it } from '@jest/globals';
import { positionOf, type LogEntry } from '@runcast/read-models';
import fc from 'fast-check';
import { Replay } from './replay.ts';

const link = (sequence: number): LogEntry => ({
  kind: 'link',
  link: { tenant: 'acme', session: 's', run: 'r', position: { shard: 0, epoch: 'e', sequence } },
});

const never = { patienceMs: 1, pause: () => new Promise<void>(() => undefined) };

async function read(replay: Replay, sequence: number): Promise<number[]> {
  const sequences: number[] = [];
  for await (const batch of replay.upTo(sequence)) sequences.push(...batch.map((entry) => positionOf(entry).sequence));
  return sequences;
}

it('hands every record on once and in order, however it is cut and wherever it stops', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
  const stops = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, stops, async (batchSizes, targets) => {
      async function* tail() {
        for (let next = 1, turn = 0; next <= 40; turn += 1) {
          const size = batchSizes[turn % batchSizes.length]!;
          yield Array.from({ length: Math.min(size, 41 - next) }, (_, index) => link(next + index));
          next += size;
          await Promise.resolve();
        }
      }
      const replay = new Replay(tail(), never);
      const seen: number[] = [];
      for (const target of targets.toSorted((left, right) => left - right)) {
        if (target > (seen.at(-1) ?? 0)) seen.push(...(await read(replay, target)));
        expect(seen.at(-1) ?? 0).toBe(target);
      }
      seen.push(...(await read(replay, 40)));
      expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    }),
  );
});

it('stops short of a record that is not there any more, and goes on with what comes later', async () => {
  const later = Promise.withResolvers<LogEntry[]>();
  async function* tail() {
    yield [link(1), link(2)];
    yield await later.promise;
  }
  let patient = false;
  const pause = () => (patient ? new Promise<void>(() => undefined) : Promise.resolve());
  const replay = new Replay(tail(), { patienceMs: 1, pause });
  expect(await read(replay, 2)).toEqual([1, 2]);
  expect(await read(replay, 3)).toEqual([]);
  later.resolve([link(5)]);
  patient = true;
  expect(await read(replay, 5)).toEqual([5]);
});
