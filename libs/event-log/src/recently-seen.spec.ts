import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentlySeen } from './recently-seen.ts';

const LIMIT = 8;
const keys = fc.array(fc.constantFrom(...'abcdefghijklmnopqrst'), { maxLength: 100 });

/** The keys of a history from the newest on, each once. */
function newestFirst(history: readonly string[]): string[] {
  return [...new Set(history.toReversed())];
}

describe('What was seen lately', () => {
  it('is known with what was said of it last: the newest half for sure, and no more than the limit', () => {
    fc.assert(
      fc.property(keys, (history) => {
        const seen = new RecentlySeen<number>(LIMIT);
        history.forEach((key, index) => seen.add(key, index));
        const known = newestFirst(history).filter((key) => seen.get(key) !== undefined);
        expect(known).toEqual(expect.arrayContaining(newestFirst(history).slice(0, LIMIT / 2)));
        expect(known.length).toBeLessThanOrEqual(LIMIT);
        for (const key of known) expect(seen.get(key)).toBe(history.lastIndexOf(key));
      }),
    );
  });

  it('is forgotten when it is told to', () => {
    const seen = new RecentlySeen<true>(LIMIT);
    for (const key of ['a', 'b', 'c', 'd', 'e']) seen.add(key, true);
    seen.clear();
    expect(['a', 'e'].map((key) => seen.get(key))).toEqual([undefined, undefined]);
  });
});
