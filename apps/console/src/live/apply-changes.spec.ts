import { describe, expect, it } from '@jest/globals';
import type { RunBody, RunPage, RunStatus } from '../api/types.ts';
import type { RunFilter } from '../runs/run-filter.ts';
import { applyChanges } from './apply-changes.ts';

const run = (id: string, second: number, status: RunStatus = 'running', more: Partial<RunBody> = {}): RunBody => ({
  ...{ id, status, attempt: 1, started_at: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z` },
  ...{ last_event_at: '', event_count: 1, step_count: 0, tool_call_count: 0, llm_call_count: 0, error_count: 0 },
  usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0, cost_usd: 0 },
  position: '',
  ...more,
});
const pages: RunPage[] = [{ runs: [run('c', 3), run('b', 2)], next_page_key: 'k' }, { runs: [run('a', 1)] }];
const after = (changed: RunBody[], filter: RunFilter = {}) => {
  const { pages: next, isUnsure } = applyChanges(pages, changed, filter);
  return [next.map(({ runs }) => runs.map(({ id, status }) => `${id} ${status}`)), isUnsure];
};

describe('applyChanges', () => {
  it('changes a row where it stands, on any page', () => {
    expect(after([run('a', 1, 'error'), run('c', 3, 'success')])).toEqual([
      [['c success', 'b running'], ['a error']],
      false,
    ]);
  });

  it('puts what has just begun at the top, the newest first', () => {
    expect(after([run('d', 4), run('e', 5)])).toEqual([
      [['e running', 'd running', 'c running', 'b running'], ['a running']],
      false,
    ]);
  });

  it('takes away what the filter takes no longer, and leaves out what it never took', () => {
    expect(after([run('b', 2, 'success'), run('d', 4, 'error')], { status: 'running' })).toEqual([
      [['c running'], ['a running']],
      false,
    ]);
    expect(after([run('d', 4, 'running', { agent: 'x' })], { agent: 'y' })).toEqual([[[], []], false]);
  });

  it.each<[string, RunBody, RunFilter]>([
    ['an older run that is not shown', run('old', 0), {}],
    ['a run that began again', run('again', 9, 'running', { attempt: 2 }), {}],
    ['a run that a text may or may not occur in', run('d', 4), { q: 'text' }],
  ])('is unsure of %s', (_what, changed, filter) => {
    expect(after([changed], filter)[1]).toBe(true);
  });

  it('begins a list that was empty', () => {
    expect(applyChanges([{ runs: [] }], [run('a', 1)], {}).pages[0]!.runs).toHaveLength(1);
  });
});
