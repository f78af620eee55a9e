import { expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { plainLines, tableLines, type ListedRun } from './runs-table.ts';

const NOW = Date.parse('2026-11-21T10:05:00Z');
const run = (given: Partial<ListedRun> = {}): ListedRun => ({
  id: 'r1',
  status: 'success',
  agent: 'support',
  started_at: '2026-11-21T10:01:50Z',
  duration_ms: 2_051,
  event_count: 12,
  usage: { total_tokens: 350, cost_usd: 0.0012 },
  ...given,
});

it('a pipe gets a line a run, with tabs between', () => {
  expect(plainLines([run()], NOW)).toEqual(['r1\tsuccess\tsupport\t3 m 10 s ago\t2.1 s\t12\t350\t$0.0012']);
});

it('a terminal gets columns that stand below each other, long names cut', () => {
  const quiet = {
    id: 'x'.repeat(60),
    status: 'error',
    status_reason: 'stale',
    usage: { total_tokens: 0, cost_usd: 0 },
  };
  const lines = tableLines([run(), run(quiet)], NOW, picocolors.createColors(false));
  const column = lines[0]!.indexOf('STATUS');
  expect(lines.map((line) => line.slice(column, column + 7).trim())).toEqual(['STATUS', 'success', 'stale']);
  expect(lines[2]).toContain(`${'x'.repeat(39)}…`);
});

it('no runs are said to be none', () => {
  expect(tableLines([], NOW, picocolors.createColors(false))).toEqual(['no runs']);
  expect(plainLines([], NOW)).toEqual([]);
});
