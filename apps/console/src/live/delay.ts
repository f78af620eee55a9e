/**
 * How far the gateway's clock is ahead of ours, from one question: it read its clock somewhere between our asking and our
 * being answered, so the middle is at most half the journey wrong.
 */
export function clockOffsetMs(askedMs: number, serverMs: number, answeredMs: number): number {
  return serverMs - (askedMs + answeredMs) / 2;
}

/** From the log's storing an event to its being on this screen. Never below zero: clocks differ by a little. */
export function delayMs(storedMs: number, shownMs: number, offsetMs: number): number {
  return Math.max(0, shownMs + offsetMs - storedMs);
}

/** The middle one of the newest values: one slow frame must not stand for all. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
