/** How far the wall clock may be behind the last stamp and still be taken for jitter instead of a correction. */
const JITTER_MICROS = 1_000_000;

/**
 * Stamps events with RFC 3339 times in microseconds, each later than the one before, so that the events of one
 * millisecond keep their order in every view that sorts by time.
 *
 * @param nowMs the wall clock, in milliseconds since the epoch.
 */
export function createEventClock(nowMs: () => number): () => string {
  let lastMicros = 0;
  return () => {
    const micros = Math.floor(nowMs() * 1000);
    const isSetBack = lastMicros - micros > JITTER_MICROS;
    lastMicros = isSetBack ? micros : Math.max(micros, lastMicros + 1);
    return formatMicros(lastMicros);
  };
}

function formatMicros(micros: number): string {
  const wholeMs = Math.floor(micros / 1000);
  return new Date(wholeMs).toISOString().replace('Z', `${String(micros - wholeMs * 1000).padStart(3, '0')}Z`);
}
