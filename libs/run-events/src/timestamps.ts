/** An instant as every Runcast record spells it: RFC 3339, UTC, always six fraction digits. Sorts as text. */
export type Timestamp = string;

/** What a timestamp field must be, in the words an error message uses. */
export const TIMESTAMP_EXPECTED = 'an RFC 3339 date-time with a time zone, between the years 2000 and 2100';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
/** As nearly everybody writes it. What may be wrong with it then are the day and the year. */
const UTC = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;
/** As we spell it. What may be wrong with it then is the day. */
const SPELLED = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/;
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/**
 * Reads an RFC 3339 date-time. `undefined` when it is not one, names a day that does not exist, or lies outside
 * 2000..2100.
 *
 * Own parser because `new Date('2026-02-30')` is quietly 2 March and drops microseconds, and Postgres takes
 * 'now', 'infinity' and leap seconds for timestamps. Digits beyond the microsecond are cut.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  if (UTC.test(text)) return fromUtc(text);
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const roundTrip = new Date(local);
  if (roundTrip.getUTCMonth() !== month - 1 || roundTrip.getUTCDate() !== day) return undefined;
  const offset = offsetMs(match[8], match[9], match[10]);
  if (offset === undefined) return undefined;
  return compose(local - offset, (match[7] ?? '').slice(0, 6).padEnd(6, '0'));
}

/** Whether it is an instant as every record spells it, so that {@link parseTimestamp} gives it back as it is. */
export function isTimestamp(text: string): text is Timestamp {
  return SPELLED.test(text) && isDay(text);
}

/** The same without a Date: several times for each event, on its way in and out. */
function fromUtc(text: string): Timestamp | undefined {
  const year = Number(text.slice(0, 4));
  if (year < 2000 || year >= 2100 || !isDay(text)) return undefined;
  const fraction = text.length === 20 ? '000000' : text.slice(20, -1).slice(0, 6).padEnd(6, '0');
  return `${text.slice(0, 19)}.${fraction}Z`;
}

/** Whether the month of a date has such a day, of those that have 29 to 31 in some month. */
function isDay(date: string): boolean {
  const day = Number(date.slice(8, 10));
  return day <= 28 || day <= daysIn(Number(date.slice(0, 4)), Number(date.slice(5, 7)));
}

function daysIn(year: number, month: number): number {
  // Between 2000 and 2100 every fourth year is a leap year.
  if (month === 2) return year % 4 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Reads Unix seconds with a fraction (Lyzr workflow events). `undefined` outside 2000..2100 or when not finite. */
export function timestampFromUnixSeconds(seconds: number): Timestamp | undefined {
  if (!Number.isFinite(seconds)) return undefined;
  const micros = Math.round(seconds * 1e6);
  const wholeMs = Math.floor(micros / 1e6) * 1000;
  return compose(wholeMs, String(micros - wholeMs * 1000).padStart(6, '0'));
}

/** What the instants of one second have in common. Clocks are read far more often than a second passes. */
let lastSecond = { second: NaN, upToPoint: '' };

/** The instant of a clock reading in milliseconds since the epoch. */
export function timestampFromMs(ms: number): Timestamp {
  const second = Math.floor(ms / 1_000);
  if (second !== lastSecond.second) {
    lastSecond = { second, upToPoint: new Date(second * 1_000).toISOString().slice(0, -'000Z'.length) };
  }
  return `${lastSecond.upToPoint}${String(Math.floor(ms) - second * 1_000).padStart(3, '0')}000Z`;
}

/** Milliseconds since the epoch, the fraction below a millisecond cut. */
export function timestampToMs(timestamp: Timestamp): number {
  return Date.parse(timestamp);
}

function offsetMs(sign?: string, hours?: string, minutes?: string): number | undefined {
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function compose(wholeSecondMs: number, fraction: string): Timestamp | undefined {
  if (wholeSecondMs < EARLIEST_MS || wholeSecondMs >= LATEST_MS) return undefined;
  return `${new Date(wholeSecondMs).toISOString().slice(0, 19)}.${fraction}Z`;
}
