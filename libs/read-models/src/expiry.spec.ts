import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expiryDay, NEVER } from './expiry.ts';

describe('A run may be dropped', () => {
  it.each([
    ['2026-11-21T00:00:00.000000Z', 1, '2026-11-23'],
    ['2026-11-21T23:59:59.999999Z', 1, '2026-11-23'],
    ['2026-11-21T10:00:00.000000Z', 31, '2026-12-23'],
    // Beyond a month: on a Monday, the next one.
    ['2026-11-21T10:00:00.000000Z', 90, '2027-02-22'],
    ['2026-11-22T10:00:00.000000Z', 91, '2027-02-22'],
    ['2026-11-23T10:00:00.000000Z', 91, '2027-03-01'],
  ])('first heard of at %s and kept for %i days: on %s', (received, days, expected) => {
    expect(expiryDay(received, days)).toBe(expected);
  });

  it('never, when its tenant keeps everything', () => {
    expect(expiryDay('2026-11-21T10:00:00.000000Z', null)).toBe(NEVER);
  });

  it('at no instant before it was kept for its days, and at most eight days after that', () => {
    const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 36_500 }), (received, days) => {
        const dropped = Date.parse(expiryDay(received.toISOString(), days));
        const due = received.getTime() + days * 86_400_000;
        const slackMs = (days > 31 ? 8 : 1) * 86_400_000;
        expect(dropped).toBeGreaterThanOrEqual(due);
        expect(dropped - due).toBeLessThanOrEqual(slackMs);
      }),
    );
  });
});
