import { describe, expect, it } from '@jest/globals';
import { decoded, recorded } from '../suite/subjects.ts';
import { lyzrAgent } from './lyzr-agent.ts';

function decode(event_type: string, more: object = {}) {
  return decoded(lyzrAgent, JSON.stringify({ event_type, run_id: 'r', session_id: 's', ...more }));
}

describe('lyzr-agent', () => {
  it('takes the log id for the event id', () => {
    expect(decode('processing', { log_id: 'log-1' }).id).toBe('log-1');
  });

  it.each([
    ['in_progress', 'llm-call.started'],
    ['completed', 'llm-call.completed'],
    ['success', 'llm-call.completed'],
    ['failed', 'llm-call.failed'],
  ])('reads a model call that is %s as %s', (status, type) => {
    expect(decode('llm_generation', { status }).type).toBe(type);
  });

  it.each([
    ['DEBUG', 'debug'],
    ['INFO', 'info'],
    ['SUCCESS', 'info'],
    ['WARNING', 'warning'],
    ['ERROR', 'error'],
    ['LOUD', 'info'],
    [7, 'info'],
  ])('reads level %s as %s', (level, expected) => {
    expect(decode('processing', { level }).level).toBe(expected);
  });

  it('refuses no shape of a field it does not need', () => {
    const odd = {
      level: {},
      status: 3,
      message: [],
      model: false,
      tool_name: 1,
      execution_time: 'long',
      response: null,
    };
    for (const type of ['llm_generation', 'tool_called', 'agent_process_end', 'thinking', 'anything_new']) {
      expect(decode(type, odd).run).toBe('r');
    }
  });

  it('keeps a tool event that names no tool under its own name', () => {
    expect(decode('tool_called')).toMatchObject({
      type: 'lyzr-agent.tool_called',
      data: { event_type: 'tool_called' },
    });
  });

  it('does not let a stranger pass for one of our events', () => {
    const misfit = { feature: 'runcast', data: { idleMs: 'long' } };
    expect(decode('run.went-stale', misfit).type).toBe('lyzr-agent.run.went-stale');
    expect(decode('run.went-stale', { data: { idleMs: 1 } }).type).toBe('lyzr-agent.run.went-stale');
  });

  it('writes times as Python does', () => {
    const event = recorded({
      ...decode('thinking', { timestamp: '2025-09-29T05:56:39.858406+00:00' }),
      dialect: 'runcast',
    });
    expect(JSON.parse(lyzrAgent.encode(event)[0]!.data)).toMatchObject({
      timestamp: '2025-09-29T05:56:39.858406+00:00',
    });
  });
});
