import { describe, expect, it } from '@jest/globals';
import { growthPercent, median, percentile } from './percentile.ts';

describe('percentile', () => {
  it('is the value that the share lies below, in any order of the values', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => 999 - index);
    expect(percentile(values, 0.99)).toBe(990);
    expect(percentile(values, 0)).toBe(0);
    expect(percentile([], 0.99)).toBe(0);
  });
});

describe('median', () => {
  it('is the value in the middle, wherever it stands', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(4);
  });
});

describe('growthPercent', () => {
  it('is flat for what only warms up, and not for what goes on growing', () => {
    expect(growthPercent([1, 5, 9, 10, 10, 10, 10, 10, 10])).toBe(0);
    expect(growthPercent([10, 11, 12, 13, 14, 15, 16, 17, 18])).toBeGreaterThan(20);
  });
});
