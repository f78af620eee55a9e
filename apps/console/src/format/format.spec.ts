import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatAge,
  formatClock,
  formatCost,
  formatCount,
  formatDuration,
  formatMinute,
  formatMoment,
  formatWhole,
  shortId,
} from './format.ts';

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [8_412, '8.41 s'],
    [9_960, '10.0 s'],
    [59_940, '59.9 s'],
    [59_960, '1m 00s'],
    [125_000, '2m 05s'],
    [3_599_600, '1h 00m'],
    [11_520_000, '3h 12m'],
    [367_200_000, '4d 06h'],
  ])('says %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('never shows a part that is full, such as 60 s', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
        expect(formatDuration(ms)).not.toMatch(/\b60(\.0+)? ?[sm]\b|\b24h|1000 ms/);
      }),
    );
  });
});

describe('formatAge', () => {
  it.each([
    [-60_000, 'now'],
    [900, 'now'],
    [12_999, '12s'],
    [60_000, '1m'],
    [3_599_999, '59m'],
    [86_400_000 * 9, '9d'],
  ])('says %d ms as %s', (age, text) => expect(formatAge(1_000_000, 1_000_000 + age)).toBe(text));
});

it.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1.00k'],
  [12_345, '12.3k'],
  [999_499, '999k'],
  [999_500, '1.00M'],
  [4_560_000, '4.56M'],
])('formatCount says %d as %s', (count, text) => expect(formatCount(count)).toBe(text));

it.each([
  [0, '–'],
  [0.0000000123, '$0.00000001'],
  [0.00042, '$0.00042'],
  [0.0134, '$0.013'],
  [0.999, '$1.00'],
  [12.345, '$12.35'],
])('formatCost says %d as %s', (usd, text) => expect(formatCost(usd)).toBe(text));

it('formatClock and formatMoment show the time of the zone', () => {
  const at = Date.UTC(2026, 10, 21, 23, 4, 5, 67);
  expect(formatClock(at, 'en-GB', 'UTC')).toBe('23:04:05.067');
  expect(formatClock(at, 'en-GB', 'Asia/Tokyo')).toBe('08:04:05.067');
  expect(formatMinute(at, 'en-GB', 'Asia/Tokyo')).toBe('08:04');
  expect(formatMoment(at, 'en-GB', 'UTC')).toBe('21 Nov 2026, 23:04:05');
});

it('formatWhole shows every figure', () => {
  expect([0, 10_000, 1_234_567].map((count) => formatWhole(count, 'en-GB'))).toEqual(['0', '10,000', '1,234,567']);
});

it('shortId keeps the beginning and the end', () => {
  expect(shortId('run-1')).toBe('run-1');
  expect(shortId('demo-run-1f0c2d3e4f5a6b7c8d9e0f1a', 16)).toBe('demo-run-1f…0f1a');
});
