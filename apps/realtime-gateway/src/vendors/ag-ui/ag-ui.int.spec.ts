import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpAgent } from '@ag-ui/client';
import { GatewayUnderTest, readBlocks } from '../gateway-under-test.fixture.ts';
import { answering, serveSpecAgent } from '../serve-spec-agent.fixture.ts';

let under: GatewayUnderTest;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await under.close();
});

async function serve(agent: string, script: Parameters<typeof serveSpecAgent>[2]) {
  const served = await serveSpecAgent(under, agent, script);
  stops.push(served.stop);
  return served;
}

let ids = 0;
const newId = (kind: string) => `${kind} ${(ids += 1)}`;
const input = (runId: string) => ({
  threadId: 'thread',
  runId,
  messages: [{ id: 'm', role: 'user', content: 'hi' }],
  tools: [],
  context: [],
  state: {},
  forwardedProps: {},
});
const address = (agent: string) => `/v1/agents/${encodeURIComponent(agent)}/ag-ui`;

/** What the stock client makes of a stream; rejects as it does, on an event that is none or is out of place. */
async function asTheirClient(text: string): Promise<string[]> {
  const answer = () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } }));
  const seen: string[] = [];
  const agent = new HttpAgent({ url: 'http://somewhere', fetch: answer });
  await agent.runAgent({}, { onEvent: ({ event }) => void seen.push(event.type) });
  return seen;
}

describe('the stock HttpAgent', () => {
  it('runs an agent of ours, unchanged', async () => {
    const { commands } = await serve('support', answering);
    const agent = new HttpAgent({ url: under.url + address('support'), headers: { 'x-api-key': 'acme-key' } });
    agent.messages = [{ id: 'm1', role: 'user', content: 'Where is it?' }];
    const seen: string[] = [];
    const result = await agent.runAgent({}, { onEvent: ({ event }) => void seen.push(event.type) });
    expect(seen[0]).toBe('RUN_STARTED');
    expect(seen.at(-1)).toBe('RUN_FINISHED');
    expect(result.newMessages).toContainEqual(
      expect.objectContaining({ role: 'assistant', content: 'You said: Where is it?' }),
    );
    expect(commands[0]).toMatchObject({ dialect: 'ag-ui', message: 'Where is it?', session: agent.threadId });
  });

  it('is told that a run failed, and that nobody serves an agent', async () => {
    await serve('failing', async (_command, tell) => {
      await tell('run.started');
      await tell('run.failed', { error: { message: 'no model' } });
    });
    const errors: string[] = [];
    const run = (agentId: string) => {
      const agent = new HttpAgent({ url: under.url + address(agentId), headers: { 'x-api-key': 'acme-key' } });
      return agent.runAgent({}, { onRunErrorEvent: ({ event }) => void errors.push(event.message) });
    };
    await run('failing').catch(() => undefined);
    expect(errors).toEqual(['no model']);
    await expect(run('nobody')).rejects.toThrow(/404/);
  });
});

describe('POST /v1/agents/:agent/ag-ui', () => {
  it('attaches to a run that exists instead of starting it again', async () => {
    const { commands } = await serve('once', answering);
    const run = newId('run');
    const first = await readBlocks(await under.open('POST', address('once'), input(run)));
    const second = await readBlocks(await under.open('POST', address('once'), input(run)));
    expect(second).toEqual(first);
    expect(commands).toHaveLength(1);
  });

  it('resumes after Last-Event-ID with exactly what was missing', async () => {
    await serve('resumed', answering);
    const run = newId('run');
    const whole = await readBlocks(await under.open('POST', address('resumed'), input(run)));
    const positions = [...new Set(whole.map(({ id }) => id))].filter((id) => id !== undefined);
    for (const position of positions.slice(0, -1)) {
      const headers = { 'x-api-key': 'acme-key', 'content-type': 'application/json', 'last-event-id': position };
      const rest = await readBlocks(await under.open('POST', address('resumed'), input(run), undefined, { headers }));
      const had = whole.findLastIndex(({ id }) => id === position) + 1;
      expect([...whole.slice(0, had), ...rest]).toEqual(whole);
    }
  });

  it('says what is wrong with the input', async () => {
    expect(await under.send('POST', address('support'), { threadId: 't' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'runId' }] },
    });
  });
});

describe('?dialect=ag-ui', () => {
  const watch = (run: string) => under.open('GET', `/v1/runs/${encodeURIComponent(run)}/stream?dialect=ag-ui`);

  it('shows a run that is full of holes so that the stock client takes it', async () => {
    const run = newId('run');
    await under.tell(run, 'step.completed', { step: 'only its end is told' });
    await under.tell(run, 'step.started', { step: 'never left' });
    await under.tell(run, 'message.delta', { text: 'Hel', messageId: 'm1' });
    await under.tell(run, 'message.sent', { content: 'Hello', messageId: 'm1' });
    await under.tell(run, 'tool-call.completed', { tool: 't', output: 1 });
    await under.tell(run, 'run.completed', { output: 'Hello' });
    await under.tell(run, 'step.started', { step: 'after the end' });
    const seen = await asTheirClient(await (await watch(run)).text());
    expect([seen[0], seen.at(-1)]).toEqual(['RUN_STARTED', 'RUN_FINISHED']);
    expect(seen.filter((type) => type.startsWith('STEP'))).toEqual([
      'STEP_STARTED',
      'STEP_FINISHED',
      'STEP_STARTED',
      'STEP_FINISHED',
    ]);
  });

  it('would be refused by that client without the holes filled', async () => {
    await expect(asTheirClient('data: {"type":"STEP_FINISHED","stepName":"x"}\n\n')).rejects.toThrow(/RUN_STARTED/);
  });

  it('names the thread of a run whose later events do not', async () => {
    const run = newId('run');
    await under.tell(run, 'run.phase-changed', { phase: 'x' }, { session: 'the thread' });
    await under.tell(run, 'run.started');
    await under.tell(run, 'run.completed');
    const started = (await readBlocks(await watch(run))).map(
      ({ data }) => JSON.parse(data) as { type: string; threadId?: string },
    );
    const named = started.filter(({ type }) => /^RUN_(STARTED|FINISHED)$/.test(type));
    expect(named.map(({ threadId }) => threadId)).toEqual(['the thread', 'the thread']);
  });

  it('is refused for a session, whose runs would be mixed', async () => {
    const answer = await under.send('GET', '/v1/sessions/s/stream?dialect=ag-ui');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'dialect' }] } });
  });
});
