import { describe, expect, it } from '@jest/globals';
import { foldRun } from '@runcast/run-events';
import { contextOf, decoded, recorded } from '../suite/subjects.ts';
import { snapshot } from './encode.ts';
import { zihin, zihinStream } from './zihin.ts';

function decode(event: string | undefined, data: unknown, more: object = { executionId: 'exec-1' }) {
  return decoded(zihin, JSON.stringify({ event, data, ...more }), {});
}

describe('zihin, two streams of one vendor', () => {
  const tool = decode('tool', { tool: 't', call_id: 'c', success: true, result_summary: 'ok' });

  it('gives an event of the agent stream to the live stream in its words, and back as it was', () => {
    expect(zihin.encode(recorded(tool))).toEqual([
      { event: 'session:tool', data: '{"tool":"t","success":true,"result":"ok"}' },
    ]);
    expect(zihinStream.encode(recorded(tool))).toEqual([
      { event: 'tool', data: '{"tool":"t","call_id":"c","success":true,"result_summary":"ok"}' },
    ]);
  });

  it('closes the agent stream after the end, good or bad', () => {
    const ends = [decode('session:complete', { contentPreview: 'ok' }), decode('session:error', { error: 'no' })];
    expect(ends.map((event) => zihinStream.encode(recorded(event)).at(-1))).toEqual([
      { data: '[DONE]' },
      { data: '[DONE]' },
    ]);
  });

  it('finds the ids beside the event, in its data, or in the path', () => {
    expect(decode('metadata', { request_id: 'req', agent_id: 'a', session_id: 's' }, {})).toMatchObject({
      run: 'req',
      agent: 'a',
      session: 's',
    });
    expect(decode('phase', { phase: 'EXECUTE' }, { execution_id: 'x' }).run).toBe('x');
    expect(zihin.decode('{"event":"phase","data":{"phase":"EXECUTE"}}', contextOf({ run: 'p' }))).toMatchObject({
      event: { run: 'p' },
    });
    expect(zihin.decode('{"event":"phase","data":{"phase":"EXECUTE"}}', contextOf({}))).toMatchObject({ ok: false });
  });

  it('takes usage in either spelling', () => {
    const usages = [
      { inputTokens: 1, totalTokens: 3 },
      { input_tokens: 1, total_tokens: 3 },
    ];
    const read = usages.map((usage) => decode('session:complete', { usage }).data['usage']);
    expect(read).toEqual([
      { inputTokens: 1, totalTokens: 3 },
      { inputTokens: 1, totalTokens: 3 },
    ]);
  });

  it('lets no event name break out of its SSE line', () => {
    const event = decode('session:x\ndata: forged', {});
    expect(zihin.encode(recorded(event))).toEqual([{ event: 'session:x data: forged', data: '{}' }]);
  });

  it('keeps an error that is more than a text', () => {
    expect(decode('session:error', { error: { code: 'E1', message: 'no' } }).data).toEqual({
      error: { code: 'E1', message: 'no' },
    });
  });
});

describe('zihin, the snapshot', () => {
  const started = recorded(
    decode('session:start', { agentId: 'a' }, { executionId: 'exec-1', timestamp: '2026-01-13T19:00:00.5Z' }),
  );
  const running = foldRun(undefined, started);

  it('tells where the run stands', () => {
    const data = '{"executionId":"exec-1","phase":"EXECUTE","agentId":"a","startedAt":"2026-01-13T19:00:00.500Z"}';
    expect(snapshot(running)).toEqual({ event: 'snapshot', data });
  });

  it('names the last phase where it is known, and the last of all when the run is over', () => {
    expect(JSON.parse(snapshot(running, 'PREPROCESSING').data)).toMatchObject({ phase: 'PREPROCESSING' });
    const over = foldRun(running, recorded(decode('session:complete', {}), 2));
    expect(JSON.parse(snapshot(over).data)).toMatchObject({ phase: 'RESPOND' });
  });
});
