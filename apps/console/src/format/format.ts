/** How numbers and times read in the console. Pure: the clock and the language come in as arguments. */

const UNITS = [
  { from: 86_400_000, unit: 'd' },
  { from: 3_600_000, unit: 'h' },
  { from: 60_000, unit: 'm' },
] as const;

/** `840 ms`, `8.4 s`, `2m 05s`, `3h 12m`, `4d 06h`: three figures at most, so that a column can be compared by eye. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 999.5) return `${Math.round(whole)} ms`;
  if (whole < 59_950) return `${(whole / 1000).toFixed(whole < 9_950 ? 2 : 1)} s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return `${Math.floor(minutes / 1_440)}d ${pad(Math.floor((minutes % 1_440) / 60))}h`;
}

/** How long ago: `now`, `12s`, `5m`, `3h`, `9d`. A clock that is ahead of ours says `now`, not a negative age. */
export function formatAge(thenMs: number, nowMs: number): string {
  const age = nowMs - thenMs;
  const found = UNITS.find(({ from }) => age >= from);
  if (found) return `${Math.floor(age / found.from)}${found.unit}`;
  return age < 1_000 ? 'now' : `${Math.floor(age / 1_000)}s`;
}

/** `0`, `980`, `12.3k`, `4.56M`. */
export function formatCount(count: number): string {
  if (count < 1_000) return String(count);
  const [scaled, unit] = count < 999_500 ? [count / 1_000, 'k'] : [count / 1_000_000, 'M'];
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)}${unit}`;
}

/** `10,000`: every figure, for what is counted by eye against something else. */
export function formatWhole(count: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** Dollars, with as many digits as tell cheap calls apart: `$0.00042`, `$0.013`, `$1.27`. Nothing spent is a dash. */
export function formatCost(usd: number): string {
  if (usd === 0) return '–';
  if (usd >= 0.995) return `$${usd.toFixed(2)}`;
  return `$${Number(usd.toPrecision(2)).toString().includes('e') ? usd.toFixed(8) : Number(usd.toPrecision(2)).toString()}`;
}

/** `14:03:07.214` in the reader's own zone. */
export function formatClock(ms: number, locale?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZone,
  }).format(ms);
}

/** `14:03` in the reader's own zone. */
export function formatMinute(ms: number, locale?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(ms);
}

/** `21 Nov 2026, 14:03:07` in the reader's own zone. */
export function formatMoment(ms: number, locale?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(ms);
}

/** The middle of a long id says least: `demo-run-1f0c…9a2e`. */
export function shortId(id: string, max = 24): string {
  if (id.length <= max) return id;
  const tail = 4;
  return `${id.slice(0, max - tail - 1)}…${id.slice(-tail)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
