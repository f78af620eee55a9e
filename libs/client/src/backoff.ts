export interface Backoff {
  /** The longest wait before the second attempt. Doubles with every further one. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after the `attempt`-th failure in a row (from 1).
 *
 * Half of it is random: after a restart of the gateway all its clients come back, and without the spread they would
 * come back in the same instant.
 *
 * @param random a number in [0, 1), as Math.random gives.
 */
export function backoffMs(attempt: number, backoff: Backoff, random: number): number {
  const longest = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
  return longest / 2 + (longest / 2) * random;
}

/** A server that says "in a day" is taken at its word no longer than this. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Reads a Retry-After header, either form of it. `undefined` when it is absent or says nothing readable. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS) : undefined;
}
