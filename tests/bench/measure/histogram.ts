/** Counts of durations in equal steps, small enough to be sent between processes and added up. */
export interface Histogram {
  readonly stepMs: number;
  /** The last one also holds everything that is longer. */
  readonly counts: readonly number[];
}

const STEP_MS = 0.05;
const STEPS = 60_000;

export function histogramOf(durationsMs: Iterable<number>): Histogram {
  const counts = new Array<number>(STEPS).fill(0);
  for (const duration of durationsMs) counts[Math.max(0, Math.min(STEPS - 1, Math.floor(duration / STEP_MS)))]! += 1;
  return { stepMs: STEP_MS, counts };
}

export function addUp(histograms: readonly Histogram[]): Histogram {
  const counts = new Array<number>(STEPS).fill(0);
  for (const histogram of histograms) histogram.counts.forEach((count, step) => (counts[step]! += count));
  return { stepMs: STEP_MS, counts };
}

export function countOf({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The duration that `share` of them stay below, to the upper end of its step. */
export function percentileOf(histogram: Histogram, share: number): number {
  const rank = Math.ceil(countOf(histogram) * share);
  let seen = 0;
  for (const [step, count] of histogram.counts.entries()) {
    seen += count;
    if (count > 0 && seen >= rank) return (step + 1) * histogram.stepMs;
  }
  return NaN;
}
