import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertFollows, sliceByWeight } from './batch-slices.ts';
import { weightOf } from './log-entry.ts';
import { anyLog, SampleLog } from './sample-log.ts';

describe('sliceByWeight', () => {
  it('keeps every entry and their order, and no slice of several is too heavy', () => {
    fc.assert(
      fc.property(anyLog(30), fc.integer({ min: 1, max: 500 }), (entries, maxBytes) => {
        const slices = sliceByWeight(entries, maxBytes);
        expect(slices.flat()).toEqual(entries);
        for (const slice of slices) {
          const weight = slice.reduce((sum, entry) => sum + weightOf(entry), 0);
          expect(slice.length === 1 || weight <= maxBytes).toBe(true);
        }
      }),
    );
  });

  it('leaves a light batch whole', () => {
    const { entries } = new SampleLog().event('r1', 'a').event('r1', 'b');
    expect(sliceByWeight(entries)).toEqual([entries]);
  });
});

describe('assertFollows', () => {
  const { entries } = new SampleLog().event('r1', 'a').event('r1', 'b').event('r1', 'c');

  it('takes a rising batch after the position, gaps included', () => {
    expect(() => assertFollows({ shard: 0, epoch: 'e1', sequence: 0 }, [entries[0]!, entries[2]!])).not.toThrow();
    expect(() => assertFollows({ shard: 0, epoch: undefined, sequence: 0 }, entries)).not.toThrow();
  });

  it.each([
    ['a sequence that is there already', { shard: 0, epoch: 'e1', sequence: 1 }, entries],
    ['a falling sequence', { shard: 0, epoch: 'e1', sequence: 0 }, entries.toReversed()],
    ['a repeated entry', { shard: 0, epoch: 'e1', sequence: 0 }, [entries[0]!, entries[0]!]],
    ['another epoch', { shard: 0, epoch: 'e2', sequence: 0 }, entries],
    ['another shard', { shard: 1, epoch: 'e1', sequence: 0 }, entries],
  ])('refuses %s', (_name, standing, batch) => {
    expect(() => assertFollows(standing, batch)).toThrow();
  });
});
