import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentlyUsed } from './recently-used.ts';

describe('RecentlyUsed', () => {
  it('forgets what was put longest ago, and putting again makes young', () => {
    const kept = new RecentlyUsed<number>(2);
    kept.put('a', 1, 1);
    kept.put('b', 2, 1);
    kept.put('a', 3, 1);
    kept.put('c', 4, 1);
    expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual([3, undefined, 4]);
  });

  it('never weighs more than allowed, and is never wrong about what it keeps', () => {
    const puts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(12)), { maxLength: 60 });
    fc.assert(
      fc.property(puts, (given) => {
        const kept = new RecentlyUsed<number>(20);
        const latest = new Map<string, number>();
        for (const [key, weight] of given) {
          kept.put(key, weight, weight);
          latest.set(key, weight);
          const values = [...latest.keys()].flatMap((known) => kept.get(known) ?? []);
          expect(values.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(20);
          for (const [known, value] of latest) expect([undefined, value]).toContain(kept.get(known));
        }
      }),
    );
  });

  it('does not keep a value that alone is too heavy', () => {
    const kept = new RecentlyUsed<string>(10);
    kept.put('heavy', 'x', 11);
    expect(kept.size).toBe(0);
  });
});
