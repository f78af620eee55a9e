import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addUp, countOf, histogramOf, percentileOf } from './histogram.ts';

describe('a histogram', () => {
  it('gives the percentile of the sorted values, to one step', () => {
    const durations = fc.array(fc.double({ min: 0, max: 2_500, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.9, 0.99, 1), (values, share) => {
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1]!;
        const found = percentileOf(histogramOf(values), share);
        expect(found).toBeGreaterThanOrEqual(exact - 1e-9);
        expect(found - exact).toBeLessThanOrEqual(0.05 + 1e-9);
      }),
    );
  });

  it('of several processes is the one of all their values', () => {
    expect(addUp([histogramOf([1, 2]), histogramOf([3])])).toEqual(histogramOf([1, 2, 3]));
    expect(countOf(addUp([histogramOf([1, 2]), histogramOf([3])]))).toBe(3);
  });

  it('keeps what is longer than it reaches in its last step', () => {
    expect(percentileOf(histogramOf([1e9]), 1)).toBe(3_000);
  });

  it('knows no percentile of nothing', () => {
    expect(percentileOf(histogramOf([]), 0.5)).toBeNaN();
  });
});
