import { expect, it } from '@jest/globals';
import { Backoff } from './backoff.ts';

it('doubles up to the longest delay and begins again after a success', () => {
  const backoff = new Backoff(100, 500, () => 1);
  expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([100, 200, 400, 500, 500]);
  backoff.reset();
  expect(backoff.nextMs()).toBe(100);
});

it('is spread over the upper half, so that it is never nothing', () => {
  expect(new Backoff(100, 500, () => 0).nextMs()).toBe(50);
  expect(new Backoff(100, 500, () => 0.5).nextMs()).toBe(75);
});
