import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CANONICAL_EVENT_TYPES } from './event-types.ts';
import type { RecordedEvent } from './event.ts';
import { foldRun } from './fold-run.ts';
import type { JsonObject } from './json-text.ts';
import { isOver, RUN_STATUSES, type RunState } from './run-state.ts';
import { MAX_COST_USD } from './usage.ts';

type Said = [type: string, data?: JsonObject, given?: Partial<RecordedEvent>];

function event(sequence: number, [type, data = {}, given = {}]: Said): RecordedEvent {
  return {
    id: `event-${sequence}`,
    tenant: 'acme',
    run: 'r1',
    type,
    level: 'info',
    occurredAt: at(sequence),
    receivedAt: at(sequence),
    dialect: 'runcast',
    data,
    raw: '{}',
    position: { shard: 0, epoch: 'e1', sequence },
    ...given,
  };
}

function at(minute: number): string {
  return `${new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString().slice(0, 19)}.000000Z`;
}

/** The state after these events, folded one by one. */
function after(...said: Said[]): RunState {
  return said.map((each, index) => event(index + 1, each)).reduce<RunState | undefined>(foldRun, undefined)!;
}

describe("The vendor's status table", () => {
  const start: Said = ['run.started'];
  const ask: Said = ['human-input.requested', { question: 'Go on?' }];

  it.each<[string, Said[], RunState['status']]>([
    ['run_start', [start], 'running'],
    ['step', [start, ['step.started', { step: 'a' }], ['step.completed', { step: 'a' }]], 'running'],
    ['step while waiting', [start, ask, ['step.started', { step: 'a' }]], 'waiting_for_input'],
    ['tool_call', [start, ['tool-call.started', { tool: 'a' }], ['tool-call.failed', { tool: 'a' }]], 'running'],
    ['tool_call while waiting', [start, ask, ['tool-call.completed', { tool: 'a' }]], 'waiting_for_input'],
    ['human_input_requested', [start, ask], 'waiting_for_input'],
    ['human_input_received', [start, ask, ['human-input.received', { response: 'yes' }]], 'running'],
    ['run_end', [start, ['run.completed']], 'success'],
    ['run_end while waiting', [start, ask, ['run.completed']], 'success'],
    ['error', [start, ['run.failed', { error: { message: 'no' } }]], 'error'],
    ['an event of an unknown run', [['step.started', { step: 'a' }]], 'running'],
  ])('%s', (_name, said, status) => {
    expect(after(...said).status).toBe(status);
  });

  it('keeps the open question only while it is open', () => {
    expect(after(start, ask).question).toBe('Go on?');
    expect(after(start, ask, ['human-input.received', { response: 'yes' }]).question).toBeUndefined();
    expect(after(start, ask, ['run.completed']).question).toBeUndefined();
  });
});

describe('The end', () => {
  it('is final: what follows is counted and changes nothing else', () => {
    const ended = after(['run.started'], ['run.completed', { output: 'done' }]);
    const afterwards: Said[] = [
      ['run.failed', { error: { message: 'late' } }],
      ['message.sent', { content: 'late' }],
      ['step.started'],
    ];
    const state = after(['run.started'], ['run.completed', { output: 'done' }], ...afterwards);
    expect(state).toEqual({ ...ended, eventCount: 5, lastSequence: 5, lastEventAt: at(5) });
  });

  it('can be a cancellation, which is an error with a reason', () => {
    expect(after(['run.started'], ['run.cancelled'])).toMatchObject({
      status: 'error',
      statusReason: 'cancelled',
      endedAt: at(2),
    });
  });

  it('keeps what was achieved when a run fails', () => {
    const failed: Said = ['run.failed', { error: { message: 'no' }, partialOutput: 'half' }];
    expect(after(['run.started'], failed)).toMatchObject({ output: 'half', error: { message: 'no' }, errorCount: 1 });
  });
});

describe('A run.started', () => {
  const end: Said = ['run.completed', { output: 'first', usage: { inputTokens: 5 } }];

  it('after the end begins a new attempt from a clean slate, and the totals go on', () => {
    const state = after(['run.started', { input: 'one' }], end, ['run.started', { input: 'two' }]);
    expect(state).toMatchObject({
      attempt: 2,
      status: 'running',
      input: 'two',
      startedAt: at(3),
      usage: { inputTokens: 5 },
    });
    expect([state.endedAt, state.output, state.error]).toEqual([undefined, undefined, undefined]);
  });

  it('during an attempt whose start was seen begins a new one', () => {
    expect(after(['run.started'], ['step.started'], ['run.started'])).toMatchObject({ attempt: 2, status: 'running' });
  });

  it('that comes late says when the attempt began and leaves its end alone', () => {
    const late: Said = ['run.started', { input: 'x' }, { occurredAt: at(0) }];
    expect(after(['step.started'], end, late)).toMatchObject({
      attempt: 1,
      status: 'success',
      startedAt: at(0),
      endedAt: at(2),
      input: 'x',
      output: 'first',
    });
  });

  it('that comes late leaves an open question open', () => {
    const ask: Said = ['human-input.requested', { question: 'Go on?' }];
    expect(after(ask, ['run.started', {}, { occurredAt: at(0) }])).toMatchObject({
      status: 'waiting_for_input',
      attempt: 1,
    });
  });

  it('that says it happened after an end whose start was never seen begins a new attempt', () => {
    expect(after(end, ['run.started'])).toMatchObject({ attempt: 2, status: 'running' });
  });
});

describe('A run that went stale', () => {
  const stale: Said = ['run.went-stale', { idleMs: 1_000 }];

  it('is over, with the reason', () => {
    expect(after(['run.started'], stale)).toMatchObject({ status: 'error', statusReason: 'stale', endedAt: at(2) });
  });

  it.each([['step.started'], ['run.heartbeat'], ['vendor.anything']])('is revived by %s', (type) => {
    const state = after(['run.started'], stale, [type]);
    expect(state).toMatchObject({ status: 'running', attempt: 1 });
    expect([state.statusReason, state.endedAt]).toEqual([undefined, undefined]);
  });

  it('still waits for its answer when it is revived', () => {
    const state = after(['run.started'], ['human-input.requested', { question: 'Go on?' }], stale, ['run.heartbeat']);
    expect(state).toMatchObject({ status: 'waiting_for_input', question: 'Go on?' });
  });

  it('can end at once', () => {
    expect(after(['run.started'], stale, ['run.completed']).status).toBe('success');
  });

  it('is not made stale when it is over already', () => {
    expect(after(['run.started'], ['run.completed'], stale)).toMatchObject({ status: 'success', endedAt: at(2) });
  });
});

describe('Usage', () => {
  const call = (usage: JsonObject): Said => ['llm-call.completed', { usage }];

  it('is the sum of the model calls until the run reports a total of its own', () => {
    const calls = [call({ inputTokens: 1, outputTokens: 2, costUsd: 0.5 }), call({ inputTokens: 10 })];
    expect(after(...calls).usage).toEqual({ inputTokens: 11, outputTokens: 2, totalTokens: 13, costUsd: 0.5 });
    const total: Said = ['usage.reported', { usage: { inputTokens: 20, totalTokens: 30 } }];
    const reported = { inputTokens: 20, outputTokens: 2, totalTokens: 30, costUsd: 0.5 };
    expect(after(...calls, total).usage).toEqual(reported);
    expect(after(...calls, total, call({ inputTokens: 99 })).usage).toEqual(reported);
  });

  it('is not taken for a report when nothing is in it', () => {
    expect(after(call({ inputTokens: 1 }), ['run.completed', { usage: {} }]).usage.inputTokens).toBe(1);
  });

  it('adds up over attempts', () => {
    const attempt: Said[] = [
      ['run.started'],
      call({ inputTokens: 7 }),
      ['run.completed', { usage: { inputTokens: 5 } }],
    ];
    expect(after(...attempt, ...attempt).usage.inputTokens).toBe(10);
  });

  it('stays finite', () => {
    const most = { inputTokens: Number.MAX_SAFE_INTEGER, costUsd: MAX_COST_USD };
    expect(after(call(most), call(most)).usage).toMatchObject(most);
  });
});

describe('The fold is total', () => {
  const usage = fc.record({ inputTokens: fc.nat(), outputTokens: fc.nat(), costUsd: fc.nat(9) }, { requiredKeys: [] });
  // One value for every field that any canonical type has: what a type does not know it must ignore.
  const data: fc.Arbitrary<JsonObject> = fc
    .record(
      {
        usage,
        error: fc.record({ message: fc.string() }),
        output: fc.string(),
        question: fc.string(),
        model: fc.string(),
      },
      { requiredKeys: ['error', 'question'] },
    )
    .map((given) => given as JsonObject);
  const type = fc.constantFrom<string[]>(...CANONICAL_EVENT_TYPES, 'vendor.custom', 'toString', '__proto__');
  const time = fc.nat(60).map(at);
  const said = fc.tuple(type, data, fc.record({ occurredAt: time })) as fc.Arbitrary<Said>;
  const anyRun = fc.array(said, { minLength: 1, maxLength: 40 });

  it('over any events in any order', () => {
    fc.assert(
      fc.property(anyRun, (events) => {
        const state = after(...events);
        expect(RUN_STATUSES).toContain(state.status);
        expect(state.eventCount).toBe(events.length);
        expect([state.firstSequence, state.lastSequence]).toEqual([1, events.length]);
        expect(state.endedAt !== undefined).toBe(isOver(state.status));
        expect(state.question !== undefined && state.status === 'success').toBe(false);
        expect(state.status === 'waiting_for_input').toBe(state.question !== undefined && !isOver(state.status));
        expect(state.attempt).toBeLessThanOrEqual(1 + events.filter(([name]) => name === 'run.started').length);
        for (const value of Object.values(state.usage)) expect(value).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it('and pure: no state that was given out is ever changed', () => {
    fc.assert(
      fc.property(anyRun, (events) => {
        let state: RunState | undefined;
        for (const [index, each] of events.entries()) {
          state = deepFreeze(foldRun(state, deepFreeze(event(index + 1, each))));
        }
        expect(state).toEqual(after(...events));
      }),
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
