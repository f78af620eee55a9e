import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatTick, MAX_TICKS, tickStepMs } from './ticks.ts';

describe('The marks of an axis', () => {
  it.each([
    [1, 1],
    [6, 2],
    [4_760, 1_000],
    [6_000, 2_000],
    [59_000, 10_000],
    [200_000, 60_000],
    [3_600_000, 900_000],
    [40 * 3_600_000, 12 * 3_600_000],
    [9 * 86_400_000, 2 * 86_400_000],
  ])('of %d ms stand %d ms apart', (lengthMs, stepMs) => expect(tickStepMs(lengthMs)).toBe(stepMs));

  it('all fit, and are not few where they could be more', () => {
    fc.assert(
      fc.property(fc.double({ min: 6, max: 1e12, noNaN: true }), (lengthMs) => {
        const count = Math.floor(lengthMs / tickStepMs(lengthMs)) + 1;
        expect(count).toBeLessThanOrEqual(MAX_TICKS);
        expect(count).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  it.each([
    [0, '0'],
    [500, '500 ms'],
    [15_000, '15 s'],
    [150_000, '2m 30s'],
    [3_600_000, '1h'],
    [129_600_000, '1d 12h'],
  ])('say %d ms as %s', (ms, words) => expect(formatTick(ms)).toBe(words));
});
