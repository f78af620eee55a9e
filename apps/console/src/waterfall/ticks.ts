const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];
const DAY = 24 * HOUR;

/** The labels of an axis, its beginning included. */
export const MAX_TICKS = 6;

/** How far apart the marks of an axis stand: a round time, of which {@link MAX_TICKS} at most fit on it. */
export function tickStepMs(lengthMs: number): number {
  const fits = (stepMs: number): boolean => lengthMs < stepMs * MAX_TICKS;
  return STEPS.find(fits) ?? DAY * Math.ceil((lengthMs + 1) / (DAY * MAX_TICKS));
}

/** `0`, `250 ms`, `1.5 s`, `2m 30s`, `1h`: a round time, as short as it can be said. */
export function formatTick(ms: number): string {
  if (ms === 0) return '0';
  if (ms < SECOND) return `${ms} ms`;
  if (ms < MINUTE) return `${ms / SECOND} s`;
  const parts = [
    [Math.floor(ms / DAY), 'd'],
    [Math.floor((ms % DAY) / HOUR), 'h'],
    [Math.floor((ms % HOUR) / MINUTE), 'm'],
    [(ms % MINUTE) / SECOND, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join(' ');
}
