import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
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

const stream = (agent: string, body: unknown, key?: string, more?: RequestInit) =>
  under.open('POST', `/api/v2/agents/${encodeURIComponent(agent)}/stream`, body, key, more);

describe('POST /api/v2/agents/:agent_id/stream', () => {
  it('streams what the agent does in the order and the words of the vendor, and closes with [DONE]', async () => {
    const { commands } = await serve('finance', answering);
    const session = '11111111-1111-4111-8111-111111111111';
    const response = await stream('finance', {
      message: 'List contracts',
      session_id: session,
      options: { temperature: 0 },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const blocks = await readBlocks(response);
    expect(blocks.map(({ event }) => event)).toEqual([
      'metadata',
      'status',
      'phase',
      'tool',
      'thinking',
      'warning',
      'response',
      'metrics',
      undefined,
    ]);
    const run = commands[0]!.run;
    expect(JSON.parse(blocks[0]!.data)).toEqual({
      request_id: run,
      agent_id: 'finance',
      session_id: session,
      tenant_id: 'acme',
    });
    expect(JSON.parse(blocks[3]!.data)).toEqual({
      tool: 'search',
      call_id: 'c1',
      success: true,
      result_summary: '5 found',
    });
    expect(JSON.parse(blocks[6]!.data)).toEqual({ content: 'You said: List contracts', sources: [] });
    expect(commands).toMatchObject([{ message: 'List contracts', session, dialect: 'zihin', input: { options: {} } }]);
  });

  it('gives a position to what stands in the log and to nothing else', async () => {
    await serve('positions', answering);
    const blocks = await readBlocks(await stream('positions', { message: 'x' }));
    const withoutPosition = blocks.filter(({ id }) => id === undefined).map(({ event, data }) => event ?? data);
    expect(withoutPosition).toEqual(['metadata', 'status', '[DONE]']);
    expect(blocks.at(-1)).toEqual({ data: '[DONE]' });
  });

  it('tells a failure of the agent as an error and then [DONE]', async () => {
    await serve('failing', async (_command, tell) => {
      await tell('run.started');
      await tell('run.failed', { error: { message: 'no such page', code: 'E_PAGE' } });
    });
    const blocks = await readBlocks(await stream('failing', { message: 'x' }));
    expect(blocks.slice(2)).toMatchObject([
      { event: 'error', data: '{"code":"E_PAGE","message":"no such page"}' },
      { data: '[DONE]' },
    ]);
  });

  it('answers AGENT_NOT_FOUND without a wait when nobody serves the agent, also to another tenant', async () => {
    await serve('mine', answering);
    const began = performance.now();
    for (const [agent, key] of [
      ['nobody', 'acme-key'],
      ['mine', 'rival-key'],
      ['x'.repeat(200), 'acme-key'],
    ] as const) {
      const response = await stream(agent, { message: 'x' }, key);
      expect([response.status, await response.json()]).toMatchObject([
        403,
        { error: 'AGENT_NOT_FOUND', status: 'error', message: expect.any(String) as unknown },
      ]);
    }
    // An agent that does not answer is waited for so long, each time.
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each([
    ['not JSON', '{', 'acme-key', 400, 'VALIDATION_ERROR'],
    ['no message', {}, 'acme-key', 400, 'VALIDATION_ERROR'],
    [
      'a wrong attachment',
      { message: 'x', attachments: [{ url: 'u', type: 'video' }] },
      'acme-key',
      400,
      'VALIDATION_ERROR',
    ],
    ['an unknown key', { message: 'x' }, 'nobody', 401, 'invalid_api_key'],
    ['a key that may not invoke', { message: 'x' }, 'read-key', 403, 'insufficient_permissions'],
  ])('answers %s in the form of the vendor', async (_name, body, key, status, error) => {
    const response = await stream('finance', body, key);
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error, status: 'error', message: expect.any(String) as unknown },
    ]);
  });

  it('says that a key is missing', async () => {
    const response = await stream('finance', { message: 'x' }, '');
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'authentication_required' }]);
  });

  it('takes the key as a bearer token beside their tenant header', async () => {
    await serve('bearer', answering);
    const headers = { authorization: 'Bearer acme-key', 'x-tenant-id': 'theirs', 'content-type': 'application/json' };
    const response = await stream('bearer', { message: 'x' }, undefined, { headers });
    expect(response.status).toBe(200);
    await response.text();
  });

  it('does not end the run when the client leaves', async () => {
    const left = Promise.withResolvers<void>();
    const { commands } = await serve('patient', async (_command, tell) => {
      await tell('run.started');
      await left.promise;
      await tell('run.completed', { output: 'still here' });
    });
    const leave = new AbortController();
    const response = await stream('patient', { message: 'x' }, undefined, { signal: leave.signal });
    leave.abort();
    await response.text().catch(() => undefined);
    left.resolve();
    const path = `/v1/runs/${commands[0]!.run}`;
    await waitFor(async () => (await under.send('GET', path)).body['status'] === 'success', {
      describe: 'the run to end',
    });
  });
});

describe('POST /api/v1/sessions/:id/cancel', () => {
  it('ends the run in the log, tells the agent, and is the same the second time', async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const { commands } = await serve('endless', async (_command, tell, signal) => {
      await tell('run.started');
      signal.addEventListener('abort', () => cancelled.resolve(signal.reason));
      await cancelled.promise;
    });
    const response = await stream('endless', { message: 'x', session_id: 'a session' });
    const { run } = commands[0]!;
    await waitFor(async () => (await under.send('GET', `/v1/runs/${run}`)).status === 200, { describe: 'the run' });
    const answer = await under.send('POST', `/api/v1/sessions/${run}/cancel`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'success', cancelled: [run] } });
    expect(await cancelled.promise).toBe('cancelled by a client');
    const blocks = await readBlocks(response);
    expect(blocks.slice(-2)).toMatchObject([{ event: 'error' }, { data: '[DONE]' }]);
    await waitFor(async () => (await under.send('GET', `/v1/runs/${run}`)).body['status_reason'] === 'cancelled', {
      describe: 'the run to be cancelled',
    });
    expect(await under.send('POST', `/api/v1/sessions/${run}/cancel`)).toMatchObject({ body: { cancelled: [] } });
  });

  it('cancels what is under way in a session', async () => {
    await under.tell('open run', 'run.started', {}, { session: 'cancel me' });
    await under.tell('closed run', 'run.completed', {}, { session: 'cancel me' });
    const answer = await under.send('POST', '/api/v1/sessions/cancel%20me/cancel');
    expect(answer.body['cancelled']).toEqual(['open run']);
  });

  it('answers 404 for what is not there, and across tenants', async () => {
    await under.tell('theirs not', 'run.started');
    expect(await under.send('POST', '/api/v1/sessions/nothing/cancel')).toMatchObject({
      status: 404,
      body: { error: 'not_found', status: 'error' },
    });
    expect((await under.send('POST', '/api/v1/sessions/theirs%20not/cancel', undefined, 'rival-key')).status).toBe(404);
  });
});
