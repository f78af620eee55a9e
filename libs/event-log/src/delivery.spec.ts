import { describe, expect, it } from '@jest/globals';
import type { JsMsg } from '@nats-io/jetstream';
import fc from 'fast-check';
import { deliveryOf } from './delivery.ts';

const delivered = (reply?: string) => deliveryOf({ reply } as unknown as JsMsg);

describe('What a reply subject says of a delivery', () => {
  it('is read in the short form, and in the one with a domain and an account', () => {
    const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const nanos = fc.bigInt({ min: 10n ** 18n, max: 4n * 10n ** 18n }).map(String);
    const home = fc.constantFrom([], ['_', 'ACC'], ['hub', 'ACC']);
    fc.assert(
      fc.property(home, number, number, nanos, fc.boolean(), (of, sequence, count, storedAtNanos, random) => {
        const end = random && of.length > 0 ? ['r4nd0m'] : [];
        const reply = ['$JS', 'ACK', ...of, 'EVENTS-0', 'c', 1, sequence, count, storedAtNanos, 7, ...end].join('.');
        expect(delivered(reply)).toEqual({ sequence, count, storedAtNanos });
      }),
    );
  });

  it.each(['', '_INBOX.a.b', '$JS.ACK.s.c.1.2', undefined])('is not made up: %p', (reply) => {
    expect(() => delivered(reply)).toThrow('not delivered by a consumer');
  });
});
