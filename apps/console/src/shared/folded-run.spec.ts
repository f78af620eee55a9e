import { expect, it } from '@jest/globals';
import type { WatchedEvent } from '@runcast/client';
import { runBody, type RunState } from '@runcast/run-events';
import { foldWatched } from './folded-run.ts';

const told = (second: number, type: string, data: WatchedEvent['data'], more: object = {}): WatchedEvent => ({
  position: `0.e.${second + 1}`,
  id: `e${second}`,
  run: 'r',
  type,
  occurred_at: `2026-11-21T10:00:0${second}.000Z`,
  data,
  ...more,
});

it('the events of a shared run come to what the tables would say of it', () => {
  const events = [
    told(0, 'run.started', { input: 'Hi', framework: 'langgraph' }, { agent: 'writer', session: 's' }),
    told(1, 'tool-call.started', { tool: 'search' }),
    told(2, 'tool-call.failed', { tool: 'search', error: { message: 'no net' } }),
    told(3, 'human-input.requested', { question: 'Go on?' }),
  ];
  const state = events.reduce<RunState | undefined>(foldWatched, undefined)!;
  expect(runBody(state, '0.e.4')).toMatchObject({
    id: 'r',
    status: 'waiting_for_input',
    question: 'Go on?',
    agent: 'writer',
    framework: 'langgraph',
    session: 's',
    event_count: 4,
    tool_call_count: 1,
    error_count: 1,
    started_at: '2026-11-21T10:00:00.000Z',
    position: '0.e.4',
  });
  const over = foldWatched(state, told(5, 'run.failed', { error: { message: 'given up' } }));
  expect(runBody(over, '0.e.6')).toMatchObject({ status: 'error', error: { message: 'given up' }, duration_ms: 5_000 });
  expect(runBody(over, '0.e.6').question).toBeUndefined();
});
