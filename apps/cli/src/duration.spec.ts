import { describe, expect, it } from '@jest/globals';
import { durationText, readDuration } from './duration.ts';

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [2_051, '2.1 s'],
  [60_000, '1 m'],
  [190_000, '3 m 10 s'],
  [7_260_000, '2 h 1 m'],
  [187_200_000, '2 d 4 h'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

describe('an option', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['48h', 172_800_000],
    ['7d', 604_800_000],
  ])('%s', (text, ms) => {
    expect(readDuration('--since', text)).toBe(ms);
  });

  it.each(['', '0s', '5', 's', '1w', '-5s', '1.5h', '1234567s'])('%j is refused by its name', (text) => {
    expect(() => readDuration('--since', text)).toThrow('--since: expected a duration such as 90s');
  });
});
