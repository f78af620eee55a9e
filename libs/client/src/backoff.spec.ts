import { describe, expect, it } from '@jest/globals';
import { backoffMs, retryAfterMs } from './backoff.ts';

const backoff = { firstMs: 100, maxMs: 1_000 };

describe('backoffMs', () => {
  it('doubles its longest wait with every attempt and stops at the maximum', () => {
    expect([1, 2, 3, 4, 5, 1_000].map((attempt) => backoffMs(attempt, backoff, 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it('spreads clients over the second half of the wait', () => {
    expect([0, 0.5, 1].map((random) => backoffMs(1, backoff, random))).toEqual([50, 75, 100]);
  });
});

describe('retryAfterMs', () => {
  const now = Date.UTC(2026, 0, 1);

  it('reads seconds and dates', () => {
    expect(retryAfterMs('7', now)).toBe(7_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:09 GMT', now)).toBe(9_000);
  });

  it('takes no wait for a date that is over, and no more than a minute for any', () => {
    expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('86400', now)).toBe(60_000);
  });

  it('says nothing where the header says nothing', () => {
    expect([null, 'soon', ''].map((header) => retryAfterMs(header, now))).toEqual([undefined, undefined, undefined]);
  });
});
