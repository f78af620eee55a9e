import { expect, it } from '@jest/globals';
import { timestampFromMs } from '@runcast/run-events';
import fc from 'fast-check';
import { storedAtOf } from './stored-at.ts';

/** The definition: the milliseconds through a Date, the microseconds behind them. */
function byDate(nanos: bigint): string {
  const micros = nanos / 1_000n;
  return timestampFromMs(Number(micros / 1_000n)).replace(/000Z$/, `${String(micros % 1_000n).padStart(3, '0')}Z`);
}

const second = 1_000_000_000n;
const nanos = fc.bigInt({ min: 946_684_800n * second, max: 4_102_444_800n * second });

it('The time of storing is what a Date would say, to the microsecond, in whatever order messages come', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nanos, fc.bigInt({ min: -second, max: second })), { minLength: 1 }), (times) => {
      for (const [time, step] of times) {
        for (const each of [time, time + step]) expect(storedAtOf(String(each))).toBe(byDate(each));
      }
    }),
  );
});

it('Digits below the microsecond are cut, also at the end of a second', () => {
  expect(storedAtOf('1795251946999999999')).toBe('2026-11-21T09:05:46.999999Z');
});
