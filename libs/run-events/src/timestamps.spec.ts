import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTimestamp, parseTimestamp, timestampFromMs, timestampFromUnixSeconds, timestampToMs } from './timestamps.ts';

describe('parseTimestamp', () => {
  it('reads UTC, which has a way of its own, as it reads every other zone', () => {
    const field = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const year = fc.oneof(fc.integer({ min: 1996, max: 2104 }), fc.constantFrom(2000, 2099, 2100));
    const fraction = fc.option(fc.stringMatching(/^[0-9]{1,9}$/), { nil: '' }).map((digits) => digits && `.${digits}`);
    const fields = fc.tuple(year, field(13), field(32), field(24), field(60), field(60), fraction);
    fc.assert(
      fc.property(fields, ([y, month, day, hour, minute, second, rest]) => {
        const local = `${y}-${month}-${day}T${hour}:${minute}:${second}${rest}`;
        expect(parseTimestamp(`${local}Z`)).toBe(parseTimestamp(`${local}+00:00`));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['2026-02-28T10:00:00Z', '2026-02-28T10:00:00.000000Z'],
    ['2026-02-28t10:00:00.5z', '2026-02-28T10:00:00.500000Z'],
    ['2026-02-28 10:00:00.123456789+00:00', '2026-02-28T10:00:00.123456Z'],
    ['2026-03-01T00:30:00+01:00', '2026-02-28T23:30:00.000000Z'],
    ['2026-02-28T23:30:00-01:00', '2026-03-01T00:30:00.000000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000Z'],
    ['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  it.each([
    ['2026-02-30T00:00:00Z'],
    ['2026-02-29T00:00:00Z'],
    ['2026-13-01T00:00:00Z'],
    ['2026-00-01T00:00:00Z'],
    ['2026-01-00T00:00:00Z'],
    ['2026-01-01T24:00:00Z'],
    ['2026-01-01T00:60:00Z'],
    ['2016-12-31T23:59:60Z'],
    ['2026-01-01T00:00:00'],
    ['2026-01-01'],
    ['2026-01-01T00:00:00+24:00'],
    ['1999-12-31T23:59:59Z'],
    ['2100-01-01T00:00:00Z'],
    ['0000-01-01T00:00:00Z'],
    ['+275760-09-13T00:00:00Z'],
    ['now'],
    ['infinity'],
    [''],
    [' 2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.Z'],
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it('reads its own spelling back, and that sorts as text', () => {
    const ms = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) - 1 });
    fc.assert(
      fc.property(ms, ms, (left, right) => {
        const [first, second] = [timestampFromMs(left), timestampFromMs(right)];
        expect(parseTimestamp(first)).toBe(first);
        expect(timestampToMs(first)).toBe(left);
        expect(Math.sign(first < second ? -1 : Number(first > second))).toBe(Math.sign(left - right));
      }),
    );
  });
});

describe('isTimestamp', () => {
  it('is true of exactly what parseTimestamp gives back as it is', () => {
    const field = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const year = fc.oneof(fc.integer({ min: 1996, max: 2104 }), fc.constantFrom(2000, 2096, 2099, 2100));
    const day = fc.oneof(field(32), fc.constantFrom('28', '29', '30', '31'));
    const fraction = fc.oneof(fc.stringMatching(/^\.[0-9]{6}$/), fc.stringMatching(/^\.[0-9]{1,9}$/), fc.constant(''));
    const fields = fc.tuple(
      year,
      field(13),
      day,
      field(24),
      field(60),
      field(60),
      fraction,
      fc.constantFrom('Z', 'z', ''),
    );
    fc.assert(
      fc.property(fields, ([y, month, d, hour, minute, second, rest, zone]) => {
        const text = `${y}-${month}-${d}T${hour}:${minute}:${second}${rest}${zone}`;
        expect(isTimestamp(text)).toBe(parseTimestamp(text) === text);
      }),
      { numRuns: 5_000 },
    );
    expect(isTimestamp('2024-02-29T23:59:59.000000Z')).toBe(true);
    expect(isTimestamp('2026-02-29T23:59:59.000000Z')).toBe(false);
  });
});

describe('timestampFromUnixSeconds', () => {
  it('keeps the fraction that a double can hold', () => {
    expect(timestampFromUnixSeconds(1756806125.043)).toBe('2025-09-02T09:42:05.043000Z');
    expect(timestampFromUnixSeconds(1756806125)).toBe('2025-09-02T09:42:05.000000Z');
    expect(timestampFromUnixSeconds(1756806125.9999998)).toBe('2025-09-02T09:42:06.000000Z');
  });

  it.each([[NaN], [Infinity], [-1], [0], [1e12], [1e300]])('refuses %p', (seconds) => {
    expect(timestampFromUnixSeconds(seconds)).toBeUndefined();
  });
});

describe('timestampFromMs', () => {
  it('says what a Date says, whatever was asked before', () => {
    const near = fc.integer({ min: -3_000, max: 3_000 }).map((ms) => Date.UTC(2026, 10, 21) + ms);
    const any = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) - 1 });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, any), { minLength: 2 }), (readings) => {
        const spelled = readings.map((ms) => new Date(ms).toISOString().replace('Z', '000Z'));
        expect(readings.map(timestampFromMs)).toEqual(spelled);
      }),
    );
    expect(timestampFromMs(1_763_683_200_123.9)).toBe('2025-11-21T00:00:00.123000Z');
    expect(() => timestampFromMs(NaN)).toThrow(RangeError);
  });
});
