/** The value below which `share` (0.99: the 99th percentile) of the values lie; 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The middle one; of an even number of values the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** How much more, in percent, the last third of the values is on average than the middle third. */
export function growthPercent(values: readonly number[]): number {
  const third = Math.floor(values.length / 3);
  const mean = (part: readonly number[]): number => part.reduce((sum, value) => sum + value, 0) / part.length;
  return (mean(values.slice(-third)) / mean(values.slice(third, 2 * third)) - 1) * 100;
}
