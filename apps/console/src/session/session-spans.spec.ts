import { expect, it } from '@jest/globals';
import type { WatchedEvent } from '@runcast/client';
import { SessionSpans } from './session-spans.ts';

const event = (run: string, type: string, second: number, data: object = {}): WatchedEvent => ({
  ...{ position: `0.e.${second}`, id: 'same-id', agent: `agent of ${run}`, run, type },
  occurred_at: new Date(second * 1_000).toISOString(),
  data: data as WatchedEvent['data'],
});

it('keeps the runs of a session apart although their events are mixed and their ids the same', () => {
  const spans = new SessionSpans();
  const told = [
    event('a', 'run.started', 1),
    event('b', 'run.started', 2),
    event('a', 'step.started', 3, { step: 'plan' }),
    event('b', 'tool-call.started', 4, { tool: 'search' }),
    event('a', 'run.completed', 5),
  ];
  told.forEach((each) => spans.add(each));
  const drawn = spans.spans().map(({ kind, name, depth, state, events }) => [kind, name, depth, state, events]);
  expect(drawn).toEqual([
    ['run', 'agent of a', 0, 'done', [0, 4]],
    ['step', 'plan', 1, 'done', [2]],
    ['run', 'agent of b', 0, 'running', [1]],
    ['tool', 'search', 1, 'running', [3]],
  ]);
  expect(new Set(spans.spans().map(({ id }) => id)).size).toBe(4);
});
