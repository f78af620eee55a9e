import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemorySaver } from '@langchain/langgraph';
import type { OutgoingEvent } from '@runcast/client';
import { RuncastCallbackHandler } from '@runcast/client/langchain';
import type { AgentCommand, RunContext } from '@runcast/client/serve';
import { sayYes } from './approval.ts';
import { buildResearchGraph } from './graph.ts';
import { RuleModel } from './model/rule-model.ts';
import { handlerAt } from './serve-agents.ts';
import { agentTools } from './tools/agent-tools.ts';

let sent: OutgoingEvent[];
let handler: ReturnType<typeof handlerAt>;
let thinking: () => Promise<void>;

beforeEach(() => {
  sent = [];
  thinking = () => Promise.resolve();
  const client = { send: (event: OutgoingEvent) => String(sent.push(event)), sendIngest: () => '' };
  const model = new RuleModel(
    () => thinking(),
    () => crypto.randomUUID(),
  );
  const checkpointer = new MemorySaver();
  const source = { documents: '/nowhere', realtimeUrl: 'http://localhost', apiKey: 'k', fetch };
  const place = {
    graph: buildResearchGraph(model, agentTools(source), checkpointer),
    checkpointer,
    observer: new RuncastCallbackHandler({ client, dialect: 'runcast' }),
    log: () => undefined,
    pause: () => Promise.resolve(),
    askPerson: sayYes,
    patienceMs: 0,
  };
  handler = handlerAt(place, client);
});

function command(more: Partial<AgentCommand>): AgentCommand {
  const names = { id: 'c', tenant: 'demo', agent: 'finance-agent', run: 'r1', session: 's1' };
  return { ...names, dialect: 'zihin', message: '', input: {}, ...more };
}
const context = (signal = new AbortController().signal): RunContext => ({ signal, tell: () => Promise.resolve() });
const types = () => sent.map(({ type }) => type);

describe('a served demo agent', () => {
  it('tells its run under the names of the command, and its answer before its end', async () => {
    await handler(command({ message: 'What is it? Calculate 1200 * 0.35' }), context());
    expect(types()[0]).toBe('run.started');
    expect(types().slice(-1)).toEqual(['run.completed']);
    const answer = sent.find(({ type }) => type === 'message.sent');
    expect(JSON.stringify(answer?.data)).toContain('420');
    expect(sent.every(({ run, session, agent }) => run === 'r1' && session === 's1' && agent === 'finance-agent')).toBe(
      true,
    );
  });

  it('takes the question of a workflow from its inputs', async () => {
    const input = { flow_data: { default_inputs: { question: 'Calculate 1 / 0' } } };
    await handler(command({ input }), context());
    expect(types().at(-1)).toBe('run.failed');
  });

  it('stops when the run is cancelled', async () => {
    const stop = new AbortController();
    thinking = () => Promise.resolve(stop.abort('enough'));
    await handler(command({ message: 'Calculate 1 + 1' }), context(stop.signal));
    expect(types()).not.toContain('run.completed');
    expect(types()).not.toContain('message.sent');
  });
});
