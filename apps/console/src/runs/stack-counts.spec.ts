import { expect, it } from '@jest/globals';
import { stackCounts } from './stack-counts.ts';

it('stacks the statuses of each bucket, and fills in those that are empty', () => {
  const at = (minute: number) => new Date(minute * 60_000).toISOString();
  const { times, layers } = stackCounts(
    {
      bucket_ms: 60_000,
      is_cut: false,
      buckets: [
        { from: at(8), success: 2, error: 1 },
        { from: at(10), running: 4 },
      ],
    },
    10.5 * 60_000,
    3,
  );
  expect(times).toEqual([480, 540, 600]);
  expect(layers).toEqual([
    { status: 'error', tops: [3, 0, 4] },
    { status: 'success', tops: [2, 0, 4] },
    { status: 'waiting_for_input', tops: [0, 0, 4] },
    { status: 'running', tops: [0, 0, 4] },
  ]);
});
