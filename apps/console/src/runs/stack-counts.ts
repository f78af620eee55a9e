import type { RunCountsBody, RunStatus } from '../api/types.ts';
import { STATUSES } from './run-filter.ts';

export interface StackedCounts {
  /** Where each bucket begins, in seconds since the epoch; every bucket of the time is there. */
  readonly times: number[];
  /** The upper edges of each status' bars, the highest layer first, so that the lower ones are drawn over it. */
  readonly layers: readonly { readonly status: RunStatus; readonly tops: number[] }[];
}

/** Counts as bars that stand on each other. Buckets in which nothing began, which an answer leaves out, are zero. */
export function stackCounts({ bucket_ms, buckets }: RunCountsBody, nowMs: number, length: number): StackedCounts {
  const newest = Math.floor(nowMs / bucket_ms);
  const times = Array.from({ length }, (_, index) => ((newest - length + 1 + index) * bucket_ms) / 1_000);
  const byTime = new Map(buckets.map((bucket) => [Math.round(Date.parse(bucket.from) / bucket_ms), bucket]));
  const below = times.map(() => 0);
  const layers = STATUSES.map((status) => ({
    status,
    tops: times.map((time, index) => {
      const count = byTime.get(Math.round((time * 1_000) / bucket_ms))?.[status] ?? 0;
      return (below[index]! += count);
    }),
  }));
  return { times, layers: layers.reverse() };
}
