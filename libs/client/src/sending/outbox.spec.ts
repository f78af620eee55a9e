import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Outbox } from './outbox.ts';
import type { Parcel } from './outgoing.ts';

function parcel(ordinal: number, text = '{}', door: Parcel['door'] = 'events'): Parcel {
  return { ordinal, door, id: `e${ordinal}`, run: 'r', type: 't', text };
}

function outboxOf(limits: { maxEvents?: number; maxCharacters?: number }, ...parcels: Parcel[]): Outbox {
  const outbox = new Outbox({ maxEvents: 100, maxCharacters: 10_000, ...limits });
  for (const each of parcels) outbox.add(each);
  return outbox;
}

const ordinals = (parcels: readonly Parcel[]) => parcels.map(({ ordinal }) => ordinal);

describe('Outbox', () => {
  it('gives up its oldest event when there are too many', () => {
    const outbox = outboxOf({ maxEvents: 2 }, parcel(1), parcel(2));
    expect(ordinals(outbox.add(parcel(3)))).toEqual([1]);
    expect(ordinals(outbox.lend(10, 1_000))).toEqual([2, 3]);
  });

  it('gives up as many as it takes when they are too large', () => {
    const outbox = outboxOf({ maxCharacters: 10 }, parcel(1, '12345'), parcel(2, '12345'));
    expect(ordinals(outbox.add(parcel(3, '12345678')))).toEqual([1, 2]);
  });

  it('gives up the new event when it alone is too large', () => {
    expect(ordinals(outboxOf({ maxCharacters: 3 }).add(parcel(1, '12345')))).toEqual([1]);
  });

  it('never gives up what is under way', () => {
    const outbox = outboxOf({ maxEvents: 2 }, parcel(1), parcel(2));
    outbox.lend(1, 1_000);
    expect(ordinals(outbox.add(parcel(3)))).toEqual([2]);
    outbox.settle();
    expect(ordinals(outbox.lend(10, 1_000))).toEqual([3]);
  });

  it('lends what goes through one door at a time, and one event of the vendor ingest', () => {
    const outbox = outboxOf(
      {},
      parcel(1),
      parcel(2),
      parcel(3, '{}', 'sdk-ingest'),
      parcel(4, '{}', 'sdk-ingest'),
      parcel(5),
    );
    const lent = [1, 2, 3, 4].map(() => {
      const batch = ordinals(outbox.lend(10, 1_000));
      outbox.settle();
      return batch;
    });
    expect(lent).toEqual([[1, 2], [3], [4], [5]]);
  });

  it('lends at least one event however large it is', () => {
    expect(ordinals(outboxOf({}, parcel(1, '123456'), parcel(2)).lend(10, 3))).toEqual([1]);
  });

  it('lends the same events again after taking them back', () => {
    const outbox = outboxOf({}, parcel(1), parcel(2));
    const first = ordinals(outbox.lend(1, 1_000));
    outbox.takeBack();
    expect(ordinals(outbox.lend(10, 1_000))).toEqual([...first, 2]);
  });

  it('settles or gives up every event exactly once and in order, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), size: fc.integer({ min: 1, max: 12 }), sdk: fc.boolean() }),
      fc.record({ kind: fc.constantFrom('settle' as const, 'takeBack' as const), max: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const outbox = outboxOf({ maxEvents: 5, maxCharacters: 30 });
        const settled: number[] = [];
        const evicted: number[] = [];
        let added = 0;
        for (const each of steps) {
          if (each.kind === 'add') {
            added += 1;
            const door = each.sdk ? 'sdk-ingest' : 'events';
            evicted.push(...ordinals(outbox.add(parcel(added, 'x'.repeat(each.size), door))));
            expect(outbox.size).toBeLessThanOrEqual(5);
          } else {
            const lent = ordinals(outbox.lend(each.max, 20));
            outbox[each.kind]();
            if (each.kind === 'settle') settled.push(...lent);
          }
        }
        const left = ordinals(outbox.clear());
        expect(settled).toEqual([...settled].sort((a, b) => a - b));
        expect([...settled, ...evicted, ...left].sort((a, b) => a - b)).toEqual(
          Array.from({ length: added }, (_, index) => index + 1),
        );
      }),
    );
  });
});
