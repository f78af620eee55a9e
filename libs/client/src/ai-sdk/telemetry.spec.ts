import { describe, expect, it } from '@jest/globals';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import type { OutgoingEvent } from '../sending/outgoing.ts';
import { runcastTelemetry, type RuncastTelemetryOptions } from './telemetry.ts';

type Generate = NonNullable<ConstructorParameters<typeof MockLanguageModelV4>[0]>['doGenerate'];
type Answer = Awaited<ReturnType<Extract<Generate, (...all: never[]) => unknown>>>;

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 4, text: 4, reasoning: undefined },
};
const says = (text: string): Answer => ({
  content: [{ type: 'text', text }],
  finishReason: { unified: 'stop', raw: undefined },
  usage,
  warnings: [],
});
const calls = (toolName: string, input: object): Answer => ({
  content: [{ type: 'tool-call', toolCallId: 'c1', toolName, input: JSON.stringify(input) }],
  finishReason: { unified: 'tool-calls', raw: undefined },
  usage,
  warnings: [],
});

/** A model that gives these answers one after the other, and throws what is an error. */
function modelOf(...answers: (Answer | Error)[]): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    provider: 'acme',
    modelId: 'small',
    doGenerate: () => {
      const next = answers.shift()!;
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  });
}

function recorder(options: Partial<RuncastTelemetryOptions> = {}) {
  const told: OutgoingEvent[] = [];
  const client = { send: (event: object) => String(told.push(event as OutgoingEvent)) };
  const telemetry = { integrations: runcastTelemetry({ client, run: () => 'r', ...options }), functionId: 'adder' };
  return { told, telemetry, types: () => told.map(({ type }) => type) };
}

const add = tool({
  inputSchema: jsonSchema<{ a: number; b: number }>({ type: 'object' }),
  execute: ({ a, b }) => {
    if (a < 0) throw new RangeError('too small');
    return Promise.resolve(a + b);
  },
});

describe('runcastTelemetry', () => {
  it('tells of a call as a run, with its steps, model calls and tools', async () => {
    const { told, telemetry, types } = recorder({ session: 's' });
    const model = modelOf(calls('add', { a: 1, b: 2 }), says('It is 3'));
    await generateText({ model, tools: { add }, prompt: '1 + 2?', stopWhen: stepCountIs(3), telemetry });
    expect(types()).toEqual([
      'run.started',
      'step.started',
      'llm-call.started',
      'llm-call.completed',
      'tool-call.started',
      'tool-call.completed',
      'step.completed',
      'step.started',
      'llm-call.started',
      'llm-call.completed',
      'step.completed',
      'run.completed',
    ]);
    expect(new Set(told.map(({ run, session, agent }) => [run, session, agent].join()))).toEqual(
      new Set(['r,s,adder']),
    );
    expect(told[3]!.data).toMatchObject({
      model: 'small',
      provider: 'acme',
      usage: { inputTokens: 3, outputTokens: 4 },
    });
    expect(told[4]!.data).toMatchObject({ tool: 'add', callId: 'c1', input: { a: 1, b: 2 } });
    expect(told[5]!.data).toMatchObject({ tool: 'add', callId: 'c1', output: 3 });
    expect(told.at(-1)!.data).toMatchObject({ output: 'It is 3', usage: { inputTokens: 6, outputTokens: 8 } });
  });

  it('tells of a tool that fails, and goes on with the run', async () => {
    const { told, telemetry } = recorder();
    const model = modelOf(calls('add', { a: -1, b: 2 }), says('I cannot'));
    await generateText({ model, tools: { add }, prompt: '?', stopWhen: stepCountIs(3), telemetry });
    expect(told.find(({ type }) => type === 'tool-call.failed')).toMatchObject({
      level: 'error',
      data: { error: { type: 'RangeError', message: 'too small' } },
    });
    expect(told.at(-1)!.type).toBe('run.completed');
  });

  it('tells of a call that fails on each level, and gives the error to its caller', async () => {
    const { told, telemetry, types } = recorder();
    const failing = generateText({ model: modelOf(new Error('busy')), prompt: '?', maxRetries: 0, telemetry });
    await expect(failing).rejects.toThrow('busy');
    expect(types().slice(-3)).toEqual(['llm-call.failed', 'step.failed', 'run.failed']);
    expect(told.at(-1)!.data).toMatchObject({ error: { message: 'busy' } });
  });

  it('tells of a stream like of any other call', async () => {
    const { told, telemetry, types } = recorder();
    const model = new MockLanguageModelV4({
      doStream: () =>
        Promise.resolve({
          stream: ReadableStream.from([
            { type: 'stream-start' as const, warnings: [] },
            { type: 'text-start' as const, id: 't' },
            { type: 'text-delta' as const, id: 't', delta: 'Hel' },
            { type: 'text-delta' as const, id: 't', delta: 'lo' },
            { type: 'text-end' as const, id: 't' },
            { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: undefined }, usage },
          ]),
        }),
    });
    expect(await streamText({ model, prompt: '?', telemetry }).text).toBe('Hello');
    expect(types()).toEqual([
      'run.started',
      'step.started',
      'llm-call.started',
      'llm-call.completed',
      'step.completed',
      'run.completed',
    ]);
    expect(told.at(-1)!.data).toMatchObject({ output: 'Hello' });
  });

  it('does not tell what the SDK is told to withhold', async () => {
    const { told, telemetry } = recorder();
    const withheld = { ...telemetry, recordInputs: false, recordOutputs: false };
    await generateText({ model: modelOf(says('secret answer')), prompt: 'secret question', telemetry: withheld });
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(told.at(-1)!.type).toBe('run.completed');
  });
});
