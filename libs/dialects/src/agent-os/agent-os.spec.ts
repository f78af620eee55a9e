import { describe, expect, it } from '@jest/globals';
import { contextOf, decoded, recorded } from '../suite/subjects.ts';
import { agentOs } from './agent-os.ts';
import { PREVIEW_CHARACTERS } from './encode.ts';

function post(event_type: string, payload: unknown, more: object = {}): string {
  return JSON.stringify({ event_type, sdk_run_id: 'run_a1b2c3', payload, ...more });
}

function problems(wire: string) {
  const result = agentOs.decode(wire, contextOf({}));
  return result.ok ? [] : result.problems;
}

describe('agent-os, decoding', () => {
  it('names the seven types when it is sent another', () => {
    const [problem] = problems(post('run_stop', {}));
    expect(problem).toMatchObject({ field: 'event_type', found: 'a string of 8 characters' });
    expect(problem!.expected.split(', ')).toHaveLength(7);
  });

  it.each([
    ['sdk_run_id', post('step', { node_name: 'a' }, { sdk_run_id: 7 })],
    ['sdk_run_id', post('step', { node_name: 'a' }, { sdk_run_id: '\ud800' })],
    ['payload', post('step', undefined)],
    ['payload', post('step', 'text')],
    ['payload.node_name', post('step', {})],
    ['payload.phase', post('step', { node_name: 'a', phase: 'middle' })],
    ['payload.tool_name', post('tool_call', {})],
    ['payload.question', post('human_input_requested', {})],
    ['payload.response', post('human_input_received', {})],
    ['payload.total_tokens', post('run_end', { total_tokens: 1.5 })],
    ['payload.prompt_tokens', post('run_end', { prompt_tokens: 2 ** 53 })],
    ['payload.cost_usd', post('run_end', { cost_usd: -1 })],
    ['payload.cost_usd', post('run_end', { cost_usd: 1e13 })],
    ['occurred_at', post('run_end', {}, { occurred_at: 'now' })],
    ['occurred_at', post('run_end', {}, { occurred_at: '2026-02-30T00:00:00Z' })],
    ['agent_name', post('run_start', {}, { agent_name: 'a\u0000' })],
  ])('names %s in %s', (field, wire) => {
    expect(problems(wire).map((problem) => problem.field)).toContain(field);
  });

  it('names everything that is wrong at once', () => {
    expect(problems(post('run_end', { total_tokens: -1, cost_usd: 'x' }, { occurred_at: 1 }))).toHaveLength(3);
  });

  it('takes null for a field that is not given, as Python sends it', () => {
    const wire = post(
      'run_end',
      { prompt_tokens: null, model: null },
      { agent_name: null, session_id: null, occurred_at: null },
    );
    expect(decoded(agentOs, wire).data).toEqual({});
  });

  it('never refuses the event that ends a run for what it leaves out', () => {
    expect(decoded(agentOs, post('error', {})).data).toEqual({ error: { message: 'error' } });
    expect(decoded(agentOs, post('error', { error_type: 'KeyError' })).data).toMatchObject({
      error: { message: 'KeyError' },
    });
  });

  it('finds the session at the top or in the payload', () => {
    expect(decoded(agentOs, post('step', { node: 'a' }, { session_id: 's' })).session).toBe('s');
    expect(decoded(agentOs, post('step', { node: 'a', session_id: 's' })).session).toBe('s');
    expect(problems(post('step', { node: 'a', session_id: 'x'.repeat(129) }))).toMatchObject([{ field: 'session' }]);
  });

  it('takes a phase that is not given for the end', () => {
    expect(decoded(agentOs, post('step', { node: 'a' })).type).toBe('step.completed');
    expect(decoded(agentOs, post('tool_call', { tool_name: 'a', phase: 'start' })).type).toBe('tool-call.started');
  });

  it('tells two equal events without a time apart, and a repeated one with a time not', () => {
    const untimed = post('step', { node: 'loop' });
    expect(decoded(agentOs, untimed).id).not.toBe(decoded(agentOs, untimed).id);
    const timed = post('step', { node: 'loop' }, { occurred_at: '2026-04-02T10:00:00Z' });
    expect(decoded(agentOs, timed).id).toBe(decoded(agentOs, timed).id);
  });

  it('keeps what a store would refuse out of the facts, and in the raw text', () => {
    const wire = post('run_end', { output: 'a\u0000\ud800' }).replace('"output"', '"__proto__":{"a":1},"output"');
    const event = decoded(agentOs, wire);
    expect(event.data).toEqual({ output: 'a\uFFFD\uFFFD' });
    expect(event.raw).toBe(wire);
  });
});

describe('agent-os, encoding', () => {
  it(`cuts previews to ${PREVIEW_CHARACTERS} characters, never through one, and leaves its own text alone`, () => {
    const long = post('tool_call', { tool_name: 't', phase: 'end', output_preview: '😀'.repeat(600) });
    const event = recorded(decoded(agentOs, long));
    const [frame] = agentOs.encode({ ...event, dialect: 'runcast' });
    const { payload } = JSON.parse(frame!.data) as { payload: { output_preview: string } };
    expect(payload.output_preview).toBe('😀'.repeat(PREVIEW_CHARACTERS));
    expect(agentOs.encode(event)).toEqual([{ data: long }]);
  });
});
