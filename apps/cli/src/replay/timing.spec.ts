import { expect, it } from '@jest/globals';
import { waitsBetween } from './timing.ts';

const at = (...seconds: number[]) =>
  seconds.map((second) => ({ occurred_at: new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString() }));

it.each([
  ['as it was', at(0, 1, 1.5), 1, [0, 1_000, 500]],
  ['ten times as fast', at(0, 1, 1.5), 10, [0, 100, 50]],
  ['no pause longer than the longest', at(0, 3_600), 1, [0, 10_000]],
  ['no pause where the clocks run backwards', at(5, 1, 2), 1, [0, 0, 1_000]],
  ['nothing for nothing', at(), 1, []],
])('%s', (_name, events, speed, waits) => {
  expect(waitsBetween(events, speed, 10_000)).toEqual(waits);
});
