import { Redactor } from '@runcast/redaction';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@runcast/run-events';
import { waitFor } from '@runcast/test-harness';
import { GatewayUnderTest, readBlocks } from '../gateway-under-test.fixture.ts';
import { Recorder } from '../recorder.ts';
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

let sessions = 0;
const newSession = () => `ase_${(sessions += 1)}`;
const AGENT = 'agt_support';
const path = (session: string, rest = '') => `/v2/agents/${AGENT}/sessions/${session}${rest}`;

/** A session of three messages, whose ids are their texts. */
async function threeMessages(): Promise<string> {
  const session = newSession();
  const names = { session, agent: AGENT };
  for (const id of ['a', 'b', 'c']) {
    const body = { type: 'message.sent', id: `aev_${session}_${id}`, data: { content: id } };
    const hints = { run: `run of ${session}`, ...names };
    await under.projected(await record(body, hints));
  }
  return session;
}

async function record(body: JsonObject, hints: object): Promise<string> {
  const at = await new Recorder(under.log, () => new Redactor()).record({
    tenant: 'acme',
    dialect: 'runcast',
    body,
    hints,
  });
  return `${at.shard}.${at.epoch}.${at.sequence}`;
}

interface Listed {
  readonly id: string;
  readonly type: string;
  readonly session_key: string;
  readonly content?: string;
}

async function list(session: string, query = ''): Promise<Listed[]> {
  const { body } = await under.send('GET', path(session, `/events${query}`));
  return body['events'] as unknown as Listed[];
}

const contents = async (session: string, query?: string) => (await list(session, query)).map(({ content }) => content);
const event = (session: string, id: string, rest = '') => path(session, `/events/aev_${session}_${id}${rest}`);

async function untilListed(session: string, expected: readonly string[], query?: string): Promise<void> {
  const same = async () => JSON.stringify(await contents(session, query)) === JSON.stringify(expected);
  await waitFor(same, { describe: `the list to be ${String(expected)}` });
}

describe('single events', () => {
  it('are given by their id as the list gives them', async () => {
    const session = await threeMessages();
    const [first] = await list(session);
    expect((await under.send('GET', event(session, 'a'))).body).toEqual(first);
    expect(first).toMatchObject({ type: 'agent_output', content: 'a', session_key: session });
  });

  it('are not there under another session, agent or tenant', async () => {
    const [session, other] = [await threeMessages(), await threeMessages()];
    const get = async (at: string, key?: string) => {
      const { status, body } = await under.send('GET', at, undefined, key);
      return [status, body['code']];
    };
    expect(await get(event(other, 'a').replace(`aev_${other}`, `aev_${session}`))).toEqual([404, 'event_not_found']);
    expect(await get(event(session, 'a').replace(AGENT, 'agt_none'))).toEqual([404, 'agent_not_found']);
    expect(await get(event(session, 'a'), 'rival-key')).toEqual([404, 'agent_not_found']);
  });
});

describe('hiding and deleting', () => {
  it('hides an event from the list until it is shown again, and shows hidden ones to who asks', async () => {
    const session = await threeMessages();
    expect(await under.send('POST', event(session, 'b', '/hide'))).toMatchObject({
      status: 200,
      body: { content: 'b' },
    });
    await untilListed(session, ['a', 'c']);
    expect(await contents(session, '?include_hidden=true')).toEqual(['a', 'b', 'c']);
    expect((await under.send('GET', event(session, 'b'))).status).toBe(200);
    await under.send('POST', event(session, 'b', '/unhide'));
    await untilListed(session, ['a', 'b', 'c']);
  });

  it('deletes an event from every answer and leaves the log as it is', async () => {
    const session = await threeMessages();
    expect((await under.send('DELETE', event(session, 'b'))).status).toBe(204);
    await untilListed(session, ['a', 'c']);
    expect(await contents(session, '?include_hidden=true')).toEqual(['a', 'c']);
    expect((await under.send('GET', event(session, 'b'))).status).toBe(404);
    expect((await under.send('DELETE', event(session, 'b'))).status).toBe(404);
    const { body } = await under.send('GET', `/v1/sessions/${session}/events`);
    expect((body['events'] as { type: string }[]).map(({ type }) => type)).toEqual([
      'message.sent',
      'message.sent',
      'message.sent',
      'vectara.event_deleted',
    ]);
  });

  it('counts what the list holds, not what it leaves out', async () => {
    const session = await threeMessages();
    await under.send('POST', event(session, 'b', '/hide'));
    await under.send('DELETE', event(session, 'c'));
    await untilListed(session, ['a']);
    const count = async (query: string) =>
      ((await under.send('GET', path(session, `/events?limit=1${query}`))).body['metadata'] as JsonObject)[
        'total_count'
      ];
    expect(await count('')).toBe(1);
    expect(await count('&include_hidden=true')).toBe(2);
  });

  it('pages over hidden events without a gap or a repeat, and keeps the two lists apart', async () => {
    const session = await threeMessages();
    await under.send('POST', event(session, 'a', '/hide'));
    await untilListed(session, ['b', 'c']);
    const first = await under.send('GET', path(session, '/events?limit=1'));
    const key = (first.body['metadata'] as JsonObject)['page_key'] as string;
    expect(await contents(session, `?limit=1&page_key=${key}`)).toEqual(['c']);
    const other = await under.send('GET', path(session, `/events?limit=1&include_hidden=true&page_key=${key}`));
    expect(other).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('deletes a session', async () => {
    const session = await threeMessages();
    expect((await under.send('DELETE', path(session))).status).toBe(204);
    const gone = async () => (await under.send('GET', path(session, '/events'))).body['code'] === 'session_not_found';
    await waitFor(gone, { describe: 'the session to be gone' });
    const said = { messages: [{ type: 'text', content: 'hi' }] };
    expect((await under.send('POST', path(session, '/events'), said)).status).toBe(404);
  });

  it('is for keys that may invoke, and errors are in the form of the vendor', async () => {
    const session = await threeMessages();
    expect(await under.send('POST', event(session, 'a', '/hide'), undefined, 'read-key')).toMatchObject({
      status: 403,
      body: { code: 'forbidden', messages: [expect.any(String)], request_id: expect.any(String) },
    });
    expect(await under.send('GET', path(session, '/events'), undefined, 'nobody')).toMatchObject({
      status: 401,
      body: { code: 'unauthorized', messages: [expect.any(String)] },
    });
  });
});

describe('POST …/events', () => {
  const said = (stream_response: boolean) => ({
    type: 'input_message',
    messages: [{ type: 'text', content: 'Where is my widget?' }],
    stream_response,
  });
  const TURN = ['input_message', 'tool_input', 'tool_output', 'thinking', 'agent_output'];

  beforeAll(async () => {
    stops.push((await serveSpecAgent(under, AGENT, answering)).stop);
  });

  it('runs one turn and answers with its events, question first and each once', async () => {
    const session = newSession();
    const { status, body } = await under.send('POST', path(session, '/events'), said(false));
    const events = body['events'] as unknown as Listed[];
    expect([status, events.map(({ type }) => type).sort()]).toEqual([200, [...TURN].sort()]);
    expect(events.find(({ type }) => type === 'agent_output')).toMatchObject({
      content: 'You said: Where is my widget?',
      session_key: session,
    });
    for (const each of events) {
      expect(each).toMatchObject({
        id: expect.any(String) as unknown,
        session_key: session,
        created_at: expect.stringMatching(/^\d{4}-/) as unknown,
      });
    }
    await waitFor(async () => (await list(session).catch(() => [])).length === TURN.length, { describe: 'the list' });
    expect((await list(session)).map(({ type }) => type).sort()).toEqual([...TURN].sort());
  });

  it('streams the turn when it is asked to, each event under its type, and ends with end', async () => {
    const response = await under.open('POST', path(newSession(), '/events'), said(true));
    const blocks = await readBlocks(response);
    expect(blocks.map(({ event }) => event).sort()).toEqual([...TURN, 'end'].sort());
    expect(blocks.at(-1)!.event).toBe('end');
    for (const { event: name, data } of blocks) expect((JSON.parse(data) as Listed).type).toBe(name);
  });

  it('keeps two turns of a session apart as two runs', async () => {
    const session = newSession();
    await under.send('POST', path(session, '/events'), said(false));
    await under.send('POST', path(session, '/events'), said(false));
    const twoRuns = async () => (await under.send('GET', `/v1/sessions/${session}`)).body['run_count'] === 2;
    await waitFor(twoRuns, { describe: 'two runs' });
  });

  it('leaves nothing behind when nobody serves the agent', async () => {
    const answer = await under.send('POST', '/v2/agents/agt_none/sessions/ase_none/events', said(false));
    expect(answer).toMatchObject({ status: 404, body: { code: 'agent_not_found' } });
    expect((await under.send('GET', '/v1/sessions/ase_none')).status).toBe(404);
  });

  it('waits no longer than the request gives, and the turn goes on', async () => {
    let finish = (): void => undefined;
    const thinking = new Promise<void>((resolve) => (finish = resolve));
    const slow = await serveSpecAgent(under, 'agt_slow', async (_command, tell) => {
      await tell('run.started');
      await thinking;
      await tell('message.sent', { content: 'At last' });
      await tell('run.completed');
    });
    stops.push(slow.stop);
    const session = '/v2/agents/agt_slow/sessions/ase_slow';
    const given = { headers: { 'request-timeout-millis': '200', 'request-timeout': '30' } };
    const response = await under.open('POST', `${session}/events`, said(false), 'acme-key', given);
    expect(response.status).toBe(408);
    expect(await response.json()).toMatchObject({ code: 'request_timeout' });
    finish();
    const answers = async () => JSON.stringify((await under.send('GET', `${session}/events`)).body).includes('At last');
    await waitFor(answers, { describe: 'the turn to end' });
  });

  it.each(['/events', '/events/aev_1'])('refuses at %s a time that is none, by the header it stands in', async (at) => {
    const given = { headers: { 'request-timeout': 'soon' } };
    const response = await under.open('GET', path(newSession(), at), undefined, 'acme-key', given);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('request-timeout: expected a whole number');
  });

  it.each([
    ['no messages', { type: 'input_message' }],
    ['another type', { type: 'agent_output', messages: [{ type: 'text' }] }],
    ['an empty list', { messages: [] }],
  ])('refuses %s', async (_name, body) => {
    expect(await under.send('POST', path(newSession(), '/events'), body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });
});
