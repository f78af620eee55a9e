import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBuckets } from './token-buckets.ts';

function takeMany(buckets: TokenBuckets, key: string, times: number, nowMs: number): number {
  return Array.from({ length: times }, () => buckets.take(key, nowMs)).filter(({ ok }) => ok).length;
}

describe('TokenBuckets', () => {
  it("lets a minute's worth through at once, then as many as flow in", () => {
    const buckets = new TokenBuckets(200);
    expect(takeMany(buckets, 'a', 300, 0)).toBe(200);
    expect(takeMany(buckets, 'a', 300, 3_000)).toBe(10);
    expect(takeMany(buckets, 'a', 300, 3_600_000)).toBe(200);
  });

  it('says after how many seconds the next one passes, and it passes then', () => {
    const buckets = new TokenBuckets(10);
    takeMany(buckets, 'a', 10, 0);
    expect(buckets.take('a', 0)).toEqual({ ok: false, retryAfterSeconds: 6 });
    expect(buckets.take('a', 6_000)).toEqual({ ok: true });
  });

  it('counts every key for itself', () => {
    const buckets = new TokenBuckets(1);
    expect(buckets.take('a', 0).ok).toBe(true);
    expect(buckets.take('a', 0).ok).toBe(false);
    expect(buckets.take('b', 0).ok).toBe(true);
  });

  it('takes no tokens away when the clock is set back', () => {
    const buckets = new TokenBuckets(2);
    buckets.take('a', 1_000_000);
    expect(buckets.take('a', 0).ok).toBe(true);
  });

  it('holds no more keys than it was told, the liveliest ones', () => {
    const buckets = new TokenBuckets(1, 2);
    for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, 0);
    expect(buckets.take('a', 0).ok).toBe(false);
    expect(buckets.take('b', 0).ok).toBe(true);
  });

  it('lets everything through at 0', () => {
    expect(takeMany(new TokenBuckets(0), 'a', 1_000, 0)).toBe(1_000);
  });

  it('never lets more through than the burst and what flowed in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(fc.nat(5_000)), (perMinute, gapsMs) => {
        const buckets = new TokenBuckets(perMinute);
        let nowMs = 0;
        let passed = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          if (buckets.take('a', nowMs).ok) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(perMinute + (nowMs * perMinute) / 60_000 + 1e-6);
      }),
    );
  });
});
