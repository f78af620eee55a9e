import { UserError } from './errors.ts';

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `350 ms`, `4.2 s`, `3 m 10 s`, `2 d 4 h`: two units at most. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const first = UNITS.findIndex(([, unit]) => ms >= unit);
  const [name, unit] = UNITS[first]!;
  const [lowerName, lowerUnit] = UNITS[first + 1]!;
  const rest = Math.floor((ms % unit) / lowerUnit);
  return `${Math.floor(ms / unit)} ${name}${rest > 0 ? ` ${rest} ${lowerName}` : ''}`;
}

/**
 * What an option such as `90s`, `30m`, `48h` or `7d` says, in milliseconds.
 *
 * @throws {UserError} naming the option
 */
export function readDuration(option: string, text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([dhms])$/.exec(text) ?? [];
  if (count === undefined) throw new UserError(`${option}: expected a duration such as 90s, 30m, 48h or 7d`);
  return Number(count) * UNITS.find(([name]) => name === unit)![1];
}
