import type { Span } from './span.ts';

/** The speeds at which a finished run is played again. */
export const SPEEDS = [1, 2, 5, 10, 20] as const;
export type Speed = (typeof SPEEDS)[number];

/**
 * The spans as they stood at a moment: what had not begun is absent, what had not ended runs. What was known only from
 * the end, a failure or a count of tokens, is not known yet.
 */
export function spansAt(spans: readonly Span[], atMs: number): Span[] {
  return spans.flatMap((span) => {
    if (span.startMs > atMs) return [];
    if (span.endMs === undefined || span.endMs <= atMs) return [span];
    const { id, kind, name, depth, startMs, note, events } = span;
    const known = note !== undefined && kind === 'wait' ? { note } : {};
    return [{ id, kind, name, depth, startMs, state: 'running' as const, events: events.slice(0, 1), ...known }];
  });
}

/**
 * The time of each event on an axis that never runs backwards, though senders' clocks do: the log's order decides, and an
 * event that claims to be older than the one before it counts as happening with it.
 */
export function timeline(occurredAtMs: readonly number[]): number[] {
  let latest = -Infinity;
  return occurredAtMs.map((at) => (latest = Math.max(latest, at)));
}

/** How many events had happened at a moment. `times` as {@link timeline} gives them. */
export function countAt(times: readonly number[], atMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the playing head stands `elapsedMs` later; it stops at the end. */
export function advance(atMs: number, elapsedMs: number, speed: Speed, endMs: number): number {
  return Math.min(endMs, atMs + Math.max(0, elapsedMs) * speed);
}
