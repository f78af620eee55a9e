import { expect, it } from '@jest/globals';
import { LagWatch } from './lag-watch.ts';

function watchAt() {
  const clock = { ms: 0 };
  return { clock, watch: new LagWatch(() => clock.ms) };
}

it('counts from when the oldest waiting record was first seen, however far the log goes on', () => {
  const { clock, watch } = watchAt();
  watch.saw(10, 10);
  for (clock.ms = 1_000; clock.ms <= 60_000; clock.ms += 1_000) watch.saw(10 + clock.ms, 10);
  expect(watch.seconds()).toBe(60);
});

it('shrinks as the tables catch up, and is nothing at the end', () => {
  const { clock, watch } = watchAt();
  watch.saw(20, 10);
  clock.ms = 30_000;
  watch.saw(30, 10);
  expect(watch.seconds()).toBe(30);
  clock.ms = 40_000;
  watch.saw(30, 25);
  expect(watch.seconds()).toBe(10);
  watch.saw(30, 30);
  expect(watch.seconds()).toBe(0);
});

it('stays honest over any number of sightings', () => {
  const { clock, watch } = watchAt();
  for (clock.ms = 0; clock.ms < 10_000_000; clock.ms += 1_000) watch.saw(clock.ms + 1, 0);
  expect(watch.seconds()).toBe(10_000);
  watch.saw(10_000_001, 5_000_000);
  expect(watch.seconds()).toBeGreaterThan(4_700);
  expect(watch.seconds()).toBeLessThanOrEqual(5_000);
});
