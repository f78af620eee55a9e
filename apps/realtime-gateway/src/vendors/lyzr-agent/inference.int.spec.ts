import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AgentCommand } from '@runcast/agent-commands';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { GatewayUnderTest, readBlocks } from '../gateway-under-test.fixture.ts';
import { answering, serveSpecAgent, type TellEvent } from '../serve-spec-agent.fixture.ts';

let under: GatewayUnderTest;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start();
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await under.close();
});

async function serve(agent: string, script: Parameters<typeof serveSpecAgent>[2], at = under) {
  const served = await serveSpecAgent(at, agent, script);
  stops.push(served.stop);
  return served;
}

describe('POST /v3/inference/chat', () => {
  it('answers with what the agent said, and with the session to watch it at', async () => {
    const { commands } = await serve('chatty', answering);
    const body = { user_id: 'u', agent_id: 'chatty', session_id: 's-1', message: 'hi' };
    const answer = await under.send('POST', '/v3/inference/chat/', body);
    expect(answer).toMatchObject({
      status: 200,
      body: { response: 'You said: hi', module_outputs: {}, session_id: 's-1', run_id: commands[0]!.run },
    });
    const socket = new WebSocket(`${under.url.replace('http', 'ws')}/session/s-1?x-api-key=acme-key`);
    const seen: unknown[] = [];
    socket.on('message', (data: Buffer) =>
      seen.push((JSON.parse(data.toString()) as { event_type: string }).event_type),
    );
    await waitFor(() => seen.includes('agent_process_end'), { describe: 'the events of the session' });
    expect(seen[0]).toBe('agent_process_start');
    socket.terminate();
  });

  it('makes a session of its own for who brings none', async () => {
    await serve('lonely', answering);
    const { body } = await under.send('POST', '/v3/inference/chat', { agent_id: 'lonely', message: 'hi' });
    expect(body['session_id']).toMatch(/^lonely-[0-9a-f]{12}$/);
  });

  it('takes the output of a run that says nothing else', async () => {
    await serve('silent', (_command, tell) => tell('run.completed', { output: { n: 1 } }));
    const { body } = await under.send('POST', '/v3/inference/chat', { agent_id: 'silent', message: 'hi' });
    expect(body['response']).toBe('{"n":1}');
  });

  it('tells why the agent failed, and who nobody serves', async () => {
    await serve('failing', (_command, tell) => tell('run.failed', { error: { message: 'no model' } }));
    expect(await under.send('POST', '/v3/inference/chat/', { agent_id: 'failing', message: 'x' })).toMatchObject({
      status: 500,
      body: { detail: 'no model' },
    });
    expect(await under.send('POST', '/v3/inference/chat/', { agent_id: 'nobody', message: 'x' })).toMatchObject({
      status: 404,
      body: { detail: 'Agent not found' },
    });
    expect(await under.send('POST', '/v3/inference/chat/', { agent_id: 'failing' })).toMatchObject({
      status: 400,
      body: { detail: 'message: expected a string that is not empty.' },
    });
  });

  it('says after its limit that the run goes on, and lets it', async () => {
    const goOn = Promise.withResolvers<void>();
    const hurried = await GatewayUnderTest.start({ settings: { RUNCAST_ANSWER_MS: '1000' } });
    stops.push(() => hurried.close());
    const script = async (_command: AgentCommand, tell: TellEvent) => {
      await tell('run.started');
      await goOn.promise;
      await tell('run.completed');
    };
    await serve('slow', script, hurried);
    const answer = await hurried.send('POST', '/v3/inference/chat/', { agent_id: 'slow', message: 'x' });
    expect([answer.status, answer.body['detail']]).toEqual([504, expect.stringContaining('goes on')]);
    goOn.resolve();
    const path = `/v1/runs/${answer.body['run_id'] as string}`;
    await waitFor(async () => (await hurried.send('GET', path)).body['status'] === 'success', { describe: 'the end' });
  });
});

describe('POST /v3/inference/stream', () => {
  const stream = (agent_id: string) => under.open('POST', '/v3/inference/stream/', { agent_id, message: 'hi' });

  it('sends the pieces as bare text, not the whole once more, and [DONE]', async () => {
    await serve('pieces', async (_command, tell) => {
      for (const text of ['Hel', 'lo,\nyou']) await tell('message.delta', { text });
      await tell('message.sent', { content: 'Hello,\nyou' });
      await tell('run.completed', { output: 'Hello,\nyou' });
    });
    const response = await stream('pieces');
    expect(response.headers.get('x-session-id')).toMatch(/^pieces-/);
    expect((await readBlocks(response)).map(({ data }) => data)).toEqual(['Hel', 'lo,\nyou', '[DONE]']);
  });

  it('sends the whole where there are no pieces, and a failure as an object', async () => {
    await serve('whole', answering);
    expect((await readBlocks(await stream('whole'))).map(({ data }) => data)).toEqual(['You said: hi', '[DONE]']);
    await serve('broken', (_command, tell) => tell('run.failed', { error: { message: 'no model' } }));
    expect((await readBlocks(await stream('broken'))).map(({ data }) => data)).toEqual([
      '{"error":"no model"}',
      '[DONE]',
    ]);
  });
});
