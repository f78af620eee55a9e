import { describe, expect, it } from '@jest/globals';
import type { WatchedEvent } from '@runcast/client';
import fc from 'fast-check';
import type { Span } from './span.ts';
import { SpanTree } from './span-tree.ts';

/** `[seconds, type, data]`: events of one run. */
type Told = readonly [number, string, object?];

function eventOf([seconds, type, data = {}]: Told, index: number): WatchedEvent {
  return {
    position: `0.e.${index + 1}`,
    type,
    run: 'r',
    id: `e${index}`,
    agent: 'agent',
    occurred_at: new Date(seconds * 1000).toISOString(),
    data: data as WatchedEvent['data'],
  };
}

function spansOf(...told: Told[]): Span[] {
  const tree = new SpanTree();
  told.map(eventOf).forEach((event) => tree.add(event));
  return tree.spans();
}

/** `kind name start-end state`, indented by depth. */
function drawn(...told: Told[]): string[] {
  return spansOf(...told).map(({ kind, name, depth, startMs, endMs, state }) =>
    [' '.repeat(depth) + kind, name, `${startMs / 1000}-${endMs === undefined ? '' : endMs / 1000}`, state].join(' '),
  );
}

const step = (name: string, id?: string) => ({ step: name, ...(id && { stepId: id }) });

describe('SpanTree', () => {
  it('nests what happens in a step in it, and steps in the run', () => {
    expect(
      drawn(
        [0, 'run.started'],
        [1, 'step.started', step('plan')],
        [1.5, 'llm-call.started', { model: 'm', callId: 'c' }],
        [2, 'llm-call.completed', { model: 'm', callId: 'c' }],
        [3, 'step.completed', step('plan')],
        [3, 'step.started', step('tools')],
        [4, 'tool-call.started', { tool: 'search' }],
      ),
    ).toEqual([
      'run agent 0- running',
      ' step plan 1-3 done',
      '  llm m 1.5-2 done',
      ' step tools 3- running',
      '  tool search 4- running',
    ]);
  });

  it('keeps parallel steps side by side, and a subgraph inside its step', () => {
    expect(
      drawn(
        [0, 'run.started'],
        [1, 'step.started', step('left', 'left:1')],
        [1, 'step.started', step('right', 'right:1')],
        [2, 'step.started', step('inner', 'left:1|inner:2')],
        [3, 'step.completed', step('left', 'left:1')],
      ),
    ).toEqual(['run agent 0- running', ' step left 1-3 done', '  step inner 2- running', ' step right 1- running']);
  });

  it('pairs ends without ids with the first open start of the name', () => {
    const call = { tool: 'search' };
    expect(
      drawn([0, 'tool-call.started', call], [1, 'tool-call.started', call], [2, 'tool-call.completed', call]),
    ).toEqual(['run agent 0- running', ' tool search 0-2 done', ' tool search 1- running']);
  });

  it('draws an end without a beginning as long as it says it took', () => {
    expect(drawn([10, 'tool-call.completed', { tool: 'search', durationMs: 4_000 }])).toEqual([
      'run agent 10- running',
      ' tool search 6-10 done',
    ]);
  });

  it('shows the wait for a person, with the question', () => {
    const [, wait] = spansOf(
      [1, 'human-input.requested', { question: 'May I?' }],
      [9, 'human-input.received', { response: true }],
    );
    expect(wait).toMatchObject({ kind: 'wait', startMs: 1_000, endMs: 9_000, note: 'May I?', state: 'done' });
  });

  it('ends with the run what was cut off inside it', () => {
    expect(
      drawn([0, 'run.started'], [1, 'step.started', step('plan')], [2, 'run.failed', { error: { message: 'no' } }]),
    ).toEqual(['run agent 0-2 failed', ' step plan 1-2 failed']);
  });

  it('begins anew with each attempt, and takes a start that arrives late for the run it belongs to', () => {
    expect(drawn([0, 'run.started'], [1, 'run.completed'], [2, 'run.started'])).toEqual([
      'run agent 0-1 done',
      'run agent 2- running',
    ]);
    expect(drawn([1, 'step.started', step('plan')], [0, 'run.started'])).toEqual([
      'run agent 0- running',
      ' step plan 1- running',
    ]);
  });

  it('takes a run back that was given up and speaks again', () => {
    expect(drawn([0, 'run.started'], [9, 'run.went-stale', { idleMs: 1 }], [10, 'step.started', step('plan')])).toEqual(
      ['run agent 0- running', ' step plan 10- running'],
    );
  });

  const someEvent = fc.tuple(
    fc.integer({ min: 0, max: 100 }),
    fc.constantFrom(
      ...['run.started', 'run.completed', 'run.failed', 'run.cancelled', 'run.went-stale', 'vendor.thing'],
      ...['step.started', 'step.completed', 'step.failed', 'tool-call.started', 'tool-call.completed'],
      ...['llm-call.started', 'llm-call.failed', 'human-input.requested', 'human-input.received', 'message.delta'],
    ),
    fc.constantFrom('a', 'b', 'a|b').map((id) => ({
      ...{ step: id, stepId: id, tool: id, model: id, callId: id, question: 'q', response: 1, idleMs: 1 },
      error: { message: 'x' },
    })),
  );

  it('holds together for any order of events: none throws, ends follow starts, a child is one deeper than its parent', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 40 }), (told) => {
        const spans = spansOf(...told);
        for (const [index, { depth, startMs, endMs, state }] of spans.entries()) {
          expect(depth).toBeLessThanOrEqual((spans[index - 1]?.depth ?? -1) + 1);
          if (endMs === undefined) expect(state).toBe('running');
          else expect(endMs).toBeGreaterThanOrEqual(startMs);
        }
        expect(new Set(spans.map(({ id }) => id)).size).toBe(spans.length);
      }),
    );
  });
});
