import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { tool } from '@langchain/core/tools';
import { RunnableLambda } from '@langchain/core/runnables';
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import type { JsonObject } from '@runcast/run-events';
import { RuncastClient } from '../runcast-client.ts';
import { RecordingGateway } from '../testing/index.ts';
import { RuncastCallbackHandler, type RuncastCallbackHandlerOptions } from './callback-handler.ts';

let gateway: RecordingGateway;
let client: RuncastClient;

beforeEach(async () => {
  gateway = await RecordingGateway.start();
  client = new RuncastClient({ url: gateway.url, apiKey: 'key' });
});
afterEach(async () => {
  await client.close();
  await gateway.stop();
});

const State = Annotation.Root({ ...MessagesAnnotation.spec, answer: Annotation<unknown> });

const divide = tool(
  ({ a, b }: { a: number; b: number }) => {
    if (b === 0) throw new RangeError('division by zero');
    return String(a / b);
  },
  {
    name: 'divide',
    description: 'a / b',
    schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  },
);

/** A model that says one thing and counts tokens, as real ones do. */
class CountingModel extends FakeListChatModel {
  override getLsParams(): { ls_model_name: string; ls_provider: string; ls_model_type: 'chat' } {
    return { ls_model_name: 'tiny', ls_provider: 'test', ls_model_type: 'chat' };
  }

  override async _generate(...args: Parameters<FakeListChatModel['_generate']>) {
    const result = await super._generate(...args);
    const usage_metadata = { input_tokens: 100, output_tokens: 20, total_tokens: 120 };
    const message = Object.assign(new AIMessage('hello'), { usage_metadata });
    return { ...result, generations: [{ text: 'hello', message }] };
  }
}

function agentGraph(divisor: number, name?: string) {
  const model = new CountingModel({ responses: ['hello'] });
  return new StateGraph(State)
    .addNode('plan', async (state) => {
      await model.invoke(state.messages);
      const args = { a: 4, b: divisor };
      return { messages: [new AIMessage({ content: '', tool_calls: [{ name: 'divide', args, id: 'call-1' }] })] };
    })
    .addNode('tools', new ToolNode([divide], { handleToolErrors: false }))
    .addNode('approve', async (_state, config) => {
      await RunnableLambda.from(() => 1).invoke(1, config);
      return { answer: interrupt({ question: 'Ship it?', context: { changes: 5 } }) };
    })
    .addEdge(START, 'plan')
    .addConditionalEdges('plan', () => 'tools', ['tools'])
    .addEdge('tools', 'approve')
    .addEdge('approve', END)
    .compile({ checkpointer: new MemorySaver(), ...(name && { name }) });
}

async function received(): Promise<JsonObject[]> {
  await client.flush();
  return gateway.events;
}

/** What an event is about, in one line. */
function gist(event: JsonObject): string {
  const payload = (event['payload'] ?? event['data']) as Record<string, string>;
  const type = (event['event_type'] ?? event['type']) as string;
  return [type, payload['node_name'] ?? payload['step'] ?? payload['tool_name'] ?? payload['tool'], payload['phase']]
    .filter(Boolean)
    .join(' ');
}

const handlerFor = (options: Partial<RuncastCallbackHandlerOptions> = {}) =>
  new RuncastCallbackHandler({ client, ...options });
const input = { messages: [new HumanMessage('How much is 4 / 2?')] };

describe('a LangGraph run told in the words of the agent-os SDK', () => {
  it('arrives in the order it happened, as one run across question and answer', async () => {
    const graph = agentGraph(2, 'research-agent');
    const config = { callbacks: [handlerFor()], configurable: { thread_id: 'thread-1' } };
    await graph.invoke(input, config);
    await graph.invoke(new Command({ resume: 'yes' }), { ...config, metadata: { runcast_responded_by: 'ada' } });
    const events = await received();

    expect(events.map(gist)).toEqual([
      'run_start',
      'step plan start',
      'step plan end',
      'step tools start',
      'tool_call divide start',
      'tool_call divide end',
      'step tools end',
      'step approve start',
      'human_input_requested',
      'human_input_received',
      'step approve end',
      'run_end',
    ]);
    expect(new Set(events.map((event) => event['sdk_run_id'])).size).toBe(1);
    expect(events.map((event) => event['occurred_at'])).toEqual(events.map((event) => event['occurred_at']).sort());
  });

  it('carries question, answer, tool previews and the names of agent and session', async () => {
    const graph = agentGraph(2, 'research-agent');
    const config = { callbacks: [handlerFor()], configurable: { thread_id: 'thread-1' } };
    await graph.invoke(input, config);
    await graph.invoke(new Command({ resume: 'yes' }), { ...config, metadata: { runcast_responded_by: 'ada' } });
    const events = await received();
    const payload = (line: string) => events.find((event) => gist(event) === line)?.['payload'];

    expect(events[0]).toMatchObject({ agent_name: 'research-agent', session_id: 'thread-1' });
    expect(payload('run_start')).toEqual({
      framework: 'langgraph',
      input: { messages: [{ type: 'human', content: 'How much is 4 / 2?' }] },
    });
    expect(payload('tool_call divide end')).toMatchObject({ input_preview: '{"a":4,"b":2}', output_preview: '2' });
    expect(payload('human_input_requested')).toMatchObject({ question: 'Ship it?', context: { changes: 5 } });
    expect(payload('human_input_received')).toEqual({ response: 'yes', responded_by: 'ada' });
  });

  it('sums the tokens and the cost of all model calls into run_end', async () => {
    const model = new CountingModel({ responses: ['hello'] });
    const twice = new StateGraph(State)
      .addNode('first', async () => ({ answer: (await model.invoke('one')).content }))
      .addNode('second', async () => ({ answer: (await model.invoke('two')).content }))
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .compile();
    const prices = { tiny: { inputPerMillionUsd: 10, outputPerMillionUsd: 50 } };
    await twice.invoke({ messages: [] }, { callbacks: [handlerFor({ prices })] });
    const { payload } = (await received()).at(-1) as { payload: JsonObject };
    expect(payload).toMatchObject({ prompt_tokens: 200, completion_tokens: 40, total_tokens: 240, model: 'tiny' });
    expect(payload['cost_usd']).toBeCloseTo(0.004);
  });

  it('says no cost rather than a wrong one where the model has no price', async () => {
    const model = new CountingModel({ responses: ['hello'] });
    const once = new StateGraph(State)
      .addNode('only', async () => ({ answer: (await model.invoke('one')).content }))
      .addEdge(START, 'only')
      .compile();
    await once.invoke({ messages: [] }, { callbacks: [handlerFor()] });
    expect((await received()).at(-1)?.['payload']).not.toHaveProperty('cost_usd');
  });

  it('ends a run whose tool throws with an error of its type, message and traceback', async () => {
    const run = agentGraph(0).invoke(input, {
      callbacks: [handlerFor()],
      configurable: { thread_id: 't' },
      metadata: { runcast_run: 'my-run', runcast_session: 'my-session', runcast_agent: 'my-agent' },
    });
    await expect(run).rejects.toThrow('division by zero');
    const events = await received();
    expect(events.map(gist).slice(-3)).toEqual(['tool_call divide end', 'step tools end', 'error']);
    const error = { type: 'RangeError', message: 'division by zero' };
    expect(events.at(-3)?.['payload']).toMatchObject({ output_preview: 'RangeError: division by zero', error });
    expect(events.at(-2)?.['payload']).toMatchObject({ phase: 'end', error });
    expect(events.at(-1)).toMatchObject({
      sdk_run_id: 'my-run',
      session_id: 'my-session',
      agent_name: 'my-agent',
      payload: { error_type: 'RangeError', error_message: 'division by zero' },
    });
    expect((events.at(-1)?.['payload'] as JsonObject)['traceback']).toContain('callback-handler.spec');
  });
});

describe('a LangGraph run told in the runcast dialect', () => {
  it('tells model calls as well, with model, provider, tokens and answer', async () => {
    const handler = handlerFor({ dialect: 'runcast', agent: 'a', session: 's' });
    await agentGraph(2).invoke(input, { callbacks: [handler], configurable: { thread_id: 't' } });
    const events = await received();
    expect(events.map(gist)).toEqual([
      'run.started',
      'step.started plan',
      'llm-call.started',
      'llm-call.completed',
      'step.completed plan',
      'step.started tools',
      'tool-call.started divide',
      'tool-call.completed divide',
      'step.completed tools',
      'step.started approve',
      'human-input.requested',
    ]);
    expect(events[3]).toMatchObject({
      session: 's',
      agent: 'a',
      data: { model: 'tiny', provider: 'test', usage: { inputTokens: 100, outputTokens: 20, totalTokens: 120 } },
    });
  });

  it('marks failures as errors', async () => {
    const handler = handlerFor({ dialect: 'runcast' });
    const config = { callbacks: [handler], configurable: { thread_id: 't' } };
    await expect(agentGraph(0).invoke(input, config)).rejects.toThrow();
    const failures = (await received()).filter((event) => event['level'] === 'error');
    expect(failures.map(gist)).toEqual(['tool-call.failed divide', 'step.failed tools', 'run.failed']);
  });
});

describe('questions', () => {
  const asking = (ask: () => unknown) =>
    new StateGraph(State).addNode('ask', () => ({ answer: ask() })).addEdge(START, 'ask');

  it('asked in a subgraph are asked once and the nodes around them stay one step each', async () => {
    const outer = new StateGraph(State)
      .addNode('outer', asking(() => interrupt('Sure?')).compile())
      .addEdge(START, 'outer')
      .compile({ checkpointer: new MemorySaver() });
    const config = { callbacks: [handlerFor()], configurable: { thread_id: 't' } };
    await outer.invoke({ messages: [] }, config);
    await outer.invoke(new Command({ resume: 'yes' }), config);
    expect((await received()).map(gist)).toEqual([
      'run_start',
      'step outer start',
      'step ask start',
      'human_input_requested',
      'human_input_received',
      'step ask end',
      'step outer end',
      'run_end',
    ]);
  });

  it('asked one after the other by one node are each asked and answered', async () => {
    const graph = asking(() => [interrupt<string, unknown>('First?'), interrupt<string, unknown>('Second?')]).compile({
      checkpointer: new MemorySaver(),
    });
    const config = { callbacks: [handlerFor()], configurable: { thread_id: 't' } };
    await graph.invoke({ messages: [] }, config);
    await graph.invoke(new Command({ resume: 'one' }), config);
    await graph.invoke(new Command({ resume: 'two' }), config);
    const asked = (await received()).filter((event) => gist(event).startsWith('human'));
    expect(asked.map(({ payload }) => Object.values(payload as JsonObject)[0])).toEqual([
      'First?',
      'one',
      'Second?',
      'two',
    ]);
  });

  it('asked inside of a tool do not count as its failure', async () => {
    const askFirst = tool(() => String(interrupt('May I?')), {
      name: 'ask_first',
      description: 'asks',
      schema: { type: 'object', properties: {} },
    });
    const call = new AIMessage({ content: '', tool_calls: [{ name: 'ask_first', args: {}, id: 'call-1' }] });
    const graph = new StateGraph(State)
      .addNode('tools', new ToolNode([askFirst]))
      .addEdge(START, 'tools')
      .compile({ checkpointer: new MemorySaver() });
    const config = { callbacks: [handlerFor()], configurable: { thread_id: 't' } };
    await graph.invoke({ messages: [call] }, config);
    await graph.invoke(new Command({ resume: 'yes' }), config);
    expect((await received()).map(gist)).toEqual([
      'run_start',
      'step tools start',
      'tool_call ask_first start',
      'human_input_requested',
      'human_input_received',
      'tool_call ask_first end',
      'step tools end',
      'run_end',
    ]);
  });

  it('answered through another process go on as the run that the invocation names', async () => {
    const checkpointer = new MemorySaver();
    const config = { configurable: { thread_id: 't' }, metadata: { runcast_run: 'run-1' } };
    const build = () => asking(() => interrupt('Sure?')).compile({ checkpointer });
    await build().invoke({ messages: [] }, { ...config, callbacks: [handlerFor()] });
    await build().invoke(new Command({ resume: 'yes' }), { ...config, callbacks: [handlerFor()] });
    const events = await received();
    expect(events.map((event) => event['sdk_run_id'])).toEqual(events.map(() => 'run-1'));
    expect(events.map(gist).filter((line) => line === 'run_start')).toHaveLength(1);
  });
});

describe('steps', () => {
  it('are told before their node begins to work, so that their times are true', async () => {
    const told: string[] = [];
    const sink = { send: ({ type }: { type: string }) => String(told.push(type)), sendIngest: () => '' };
    const toldBefore: string[][] = [];
    const graph = new StateGraph(State)
      .addNode('first', () => (toldBefore.push([...told]), {}))
      .addNode('second', () => (toldBefore.push([...told]), {}))
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .compile();
    // LangChain calls handlers that do not ask to be awaited one after the other, in the background.
    const finished = Promise.withResolvers<void>();
    const slow = BaseCallbackHandler.fromMethods({ handleChainStart: () => finished.promise });
    await graph.invoke({ messages: [] }, { callbacks: [slow, handlerFor({ client: sink, dialect: 'runcast' })] });
    finished.resolve();
    expect(toldBefore).toEqual([
      ['run.started', 'step.started'],
      ['run.started', 'step.started', 'step.completed', 'step.started'],
    ]);
  });

  it('that are retried fail and start again', async () => {
    let attempts = 0;
    const flaky = new StateGraph(State)
      .addNode(
        'flaky',
        () => {
          attempts += 1;
          if (attempts === 1) throw new Error('once');
          return { answer: attempts };
        },
        { retryPolicy: { maxAttempts: 2, initialInterval: 1, jitter: false, logWarning: false } },
      )
      .addEdge(START, 'flaky')
      .compile();
    await flaky.invoke({ messages: [] }, { callbacks: [handlerFor({ dialect: 'runcast' })] });
    expect((await received()).map(gist)).toEqual([
      'run.started',
      'step.started flaky',
      'step.failed flaky',
      'step.started flaky',
      'step.completed flaky',
      'run.completed',
    ]);
  });

  it('of two runs at the same time keep to their own run', async () => {
    const handler = handlerFor();
    const graph = new StateGraph(State)
      .addNode('only', () => ({ answer: 1 }))
      .addEdge(START, 'only')
      .compile();
    const runs = ['one', 'two', 'three'];
    await Promise.all(
      runs.map((run) => graph.invoke({ messages: [] }, { callbacks: [handler], metadata: { runcast_run: run } })),
    );
    const events = await received();
    for (const run of runs) {
      const own = events.filter((event) => event['sdk_run_id'] === run);
      expect(own.map(gist)).toEqual(['run_start', 'step only start', 'step only end', 'run_end']);
    }
  });
});
