import type { Timestamp } from '@runcast/run-events';

/** `2026-12-21`: the first day (UTC) on which rows may be dropped; or `infinity`, never. */
export type ExpiryDay = string;

export const NEVER: ExpiryDay = 'infinity';

/** Beyond this, days are gathered into weeks: a partition for each day of some years would slow every query down. */
const SINGLE_DAYS = 31;
const DAY_MS = 86_400_000;
const MONDAY = 1;

/**
 * When a run may be dropped that the log heard of first at this time and whose tenant keeps runs for this many days
 * (null: for ever). Never early: the rest of the first day counts for nothing. Up to a day late, and beyond a month's
 * retention up to a week and a day.
 */
export function expiryDay(firstReceivedAt: Timestamp, days: number | null): ExpiryDay {
  if (days === null) return NEVER;
  const firstDay = Date.parse(`${firstReceivedAt.slice(0, 10)}T00:00:00Z`);
  const earliest = new Date(firstDay + (days + 1) * DAY_MS);
  return dayOf(days > SINGLE_DAYS ? nextMonday(earliest) : earliest);
}

/** The same day when it is a Monday. */
function nextMonday(day: Date): Date {
  return new Date(day.getTime() + ((MONDAY + 7 - day.getUTCDay()) % 7) * DAY_MS);
}

function dayOf(instant: Date): ExpiryDay {
  return instant.toISOString().slice(0, 10);
}
