import { describe, expect, it } from '@jest/globals';
import type { OutgoingEvent } from './outgoing.ts';
import { startRun, type Sender } from './run-scope.ts';

function recorder(): { client: Sender; told: OutgoingEvent[]; types: () => string[] } {
  const told: OutgoingEvent[] = [];
  const client: Sender = { send: (event) => String(told.push(event)) };
  return { client, told, types: () => told.map(({ type }) => type) };
}
const dataOf = (event: OutgoingEvent | undefined) => event?.data as Record<string, unknown>;

describe('startRun', () => {
  it('tells of the run, its steps, tools and model calls as they begin and end, and gives the result through', async () => {
    const { client, told, types } = recorder();
    const names = { run: 'r', session: 's', agent: 'writer', framework: 'own', input: { topic: 'tea' } };
    const result = await startRun(client, names, (run) =>
      run.step('write', async () => {
        const found = await run.tool('search', { topic: 'tea' }, () => Promise.resolve(['leaf']));
        return run.llmCall({ model: 'm', provider: 'p', input: found }, (call) => {
          call.used({ inputTokens: 3, outputTokens: 4 });
          return `about ${found[0]}`;
        });
      }),
    );
    expect(result).toBe('about leaf');
    expect(types()).toEqual([
      'run.started',
      'step.started',
      'tool-call.started',
      'tool-call.completed',
      'llm-call.started',
      'llm-call.completed',
      'step.completed',
      'run.completed',
    ]);
    expect(told[0]).toEqual({
      type: 'run.started',
      run: 'r',
      session: 's',
      agent: 'writer',
      data: { framework: 'own', input: { topic: 'tea' } },
    });
    expect(dataOf(told[3])).toMatchObject({ tool: 'search', output: ['leaf'], callId: dataOf(told[2])['callId'] });
    expect(dataOf(told[5])).toMatchObject({
      model: 'm',
      provider: 'p',
      output: 'about leaf',
      usage: { inputTokens: 3, outputTokens: 4 },
      durationMs: expect.any(Number),
    });
    expect(new Set(told.map(({ run }) => run))).toEqual(new Set(['r']));
  });

  it('tells of a failure on every level that it passes, and lets the agent have its own error', async () => {
    const { client, told, types } = recorder();
    const failure = new TypeError('no tea');
    const failing = startRun(client, {}, (run) =>
      run.step('write', () => run.tool('search', undefined, () => Promise.reject(failure))),
    );
    await expect(failing).rejects.toBe(failure);
    expect(types().slice(-3)).toEqual(['tool-call.failed', 'step.failed', 'run.failed']);
    expect(told.at(-1)).toMatchObject({ level: 'error', data: { error: { type: 'TypeError', message: 'no tea' } } });
    expect(dataOf(told.at(-1))['traceback']).toContain('run-scope.spec');
  });

  it('goes on after a failure that the agent deals with', async () => {
    const { client, types } = recorder();
    await startRun(client, {}, (run) => run.llmCall({}, () => Promise.reject(new Error('busy'))).catch(() => 'plan b'));
    expect(types()).toEqual(['run.started', 'llm-call.started', 'llm-call.failed', 'run.completed']);
  });

  it('keeps calls that run side by side apart', async () => {
    const { client, told } = recorder();
    await startRun(client, {}, (run) => Promise.all([run.tool('t', 1, () => 'one'), run.tool('t', 2, () => 'two')]));
    const calls = told.filter(({ type }) => type.startsWith('tool-call')).map(dataOf);
    for (const [input, output] of [
      [1, 'one'],
      [2, 'two'],
    ]) {
      const callId = calls.find((call) => call['input'] === input)!['callId'];
      expect(calls.find((call) => call['output'] === output)!['callId']).toBe(callId);
    }
  });

  it('takes whatever the agent works with, cycles and bigints included', async () => {
    const { client, told } = recorder();
    const cycle: Record<string, unknown> = { big: 12n };
    cycle['self'] = cycle;
    expect(await startRun(client, { input: cycle }, () => cycle)).toBe(cycle);
    expect(JSON.stringify(told)).toContain('[circular]');
  });
});
