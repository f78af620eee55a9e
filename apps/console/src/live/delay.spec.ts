import { expect, it } from '@jest/globals';
import { clockOffsetMs, delayMs, median } from './delay.ts';

it('a clock that is two seconds ahead does not make events late or early', () => {
  const offset = clockOffsetMs(1_000, 3_050, 1_100);
  expect(offset).toBe(2_000);
  expect(delayMs(10_000, 8_030, offset)).toBe(30);
});

it('no event is shown before it was stored, whatever the clocks say', () => expect(delayMs(1_000, 990, 0)).toBe(0));

it.each([
  [[], undefined],
  [[7], 7],
  [[9, 1, 5], 5],
  [[4, 2, 8, 6], 5],
])('median of %j is %j', (values, middle) => expect(median(values)).toBe(middle));
