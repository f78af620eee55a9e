import { Redactor } from '@runcast/redaction';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Messaging } from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import { claimProjection, migrate, openDatabase, type Database, type Projection } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { createLogger, Readiness, type Principal } from '@runcast/service-host';
import { freshDatabase, freshNamespace, testBackends, waitFor, type FreshDatabase } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { schema } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { openSse, type SseReader } from './sse-reader.fixture.ts';

const KEYS: Record<string, Principal> = {
  'acme-key': { tenant: 'acme', keyId: '1', scopes: ['read'] },
  'other-key': { tenant: 'other', keyId: '2', scopes: ['read'] },
  'ingest-key': { tenant: 'acme', keyId: '3', scopes: ['ingest'] },
};

let databaseUrl: FreshDatabase;
let database: Database;
let log: EventLog;
let messaging: Messaging;
let gateway: Gateway;
let readiness: Readiness;
let url: string;
let projection: Projection;
let projected: Promise<void>;
const stopProjecting = new AbortController();
const readers: SseReader[] = [];
const sockets: WebSocket[] = [];

async function startGateway(settings: Record<string, string> = {}): Promise<void> {
  const config = schema.parse({
    NATS_URL: testBackends().natsUrl,
    DATABASE_URL: databaseUrl.url,
    RUNCAST_SIGNING_KEY: 'ab'.repeat(32),
    RUNCAST_TAIL_CHECK_MS: '100',
    RUNCAST_HEARTBEAT_MS: '500',
    ...settings,
  });
  readiness = new Readiness();
  const logger = createLogger({ service: 'spec', level: 'fatal' });
  gateway = await createGateway({
    redactorOf: () => new Redactor(),
    config,
    log,
    messaging,
    database,
    logger,
    readiness,
    lookupKey: (key) => KEYS[key],
    onRevoked: () => undefined,
  });
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
}

async function stopGateway(): Promise<void> {
  for (const reader of readers.splice(0)) reader.close();
  for (const socket of sockets.splice(0)) socket.terminate();
  await gateway.feeds.streams.drain(0, Math.random);
  await gateway.app.close();
  gateway.feeds.close();
}

beforeAll(async () => {
  databaseUrl = await freshDatabase();
  await migrate(databaseUrl.url);
  database = openDatabase({ databaseUrl: databaseUrl.url, applicationName: 'spec' });
  const namespace = freshNamespace();
  log = await EventLog.connect({
    servers: testBackends().natsUrl,
    clientName: 'spec',
    namespace,
    shards: 1,
    maxBytes: 256 * 1024 * 1024,
  });
  messaging = await Messaging.connect({ servers: testBackends().natsUrl, clientName: 'spec', namespace });
  const claim = await claimProjection(database, { shard: 0, holder: 'spec', leaseMs: 60_000 });
  if (claim.outcome !== 'claimed') throw new Error('the projection is not free');
  projection = claim.projection;
  projected = (async () => {
    for await (const batch of log.tail(0, { after: 0, maxEntries: 500, signal: stopProjecting.signal })) {
      await projection.commit(batch);
    }
  })();
});

afterAll(async () => {
  stopProjecting.abort();
  await projected;
  await messaging.close();
  await log.close();
  await database.end();
});

beforeEach(() => startGateway());
afterEach(() => stopGateway());

let runs = 0;
function newRun(): string {
  runs += 1;
  return `run ${runs} *.>`;
}

function event(run: string, id: string, more: Partial<RunEvent> = {}): RunEvent {
  const data = more.data ?? { step: id };
  return {
    id,
    tenant: 'acme',
    run,
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T08:00:00.000000Z',
    dialect: 'runcast',
    raw: JSON.stringify({ type: 'step.started', run, data }),
    ...more,
    data,
  };
}

const started = (run: string) => event(run, 'start', { type: 'run.started', data: {} });
const completed = (run: string) => event(run, 'end', { type: 'run.completed', data: { output: 'done' } });
const steps = (run: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => event(run, `e${from + index}`));
const stepIds = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `e${from + index}`);

function streamPath(run: string, query = ''): string {
  return `/v1/runs/${encodeURIComponent(run)}/stream${query}`;
}

async function sse(path: string, headers: Record<string, string> = {}): Promise<SseReader> {
  const reader = await openSse(url + path, { authorization: 'Bearer acme-key', ...headers });
  readers.push(reader);
  return reader;
}

interface SocketReader {
  readonly socket: WebSocket;
  readonly frames: Record<string, unknown>[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

function ws(path: string, key = 'acme-key'): SocketReader {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers: { 'x-api-key': key } });
  sockets.push(socket);
  const frames: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  socket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  return { socket, frames, closed };
}

/** The members of any answer that the specs look at. */
interface Answer {
  readonly events: readonly { readonly id: string }[];
  readonly runs: readonly { readonly id: string }[];
  readonly errors: readonly { readonly field: string }[];
  readonly metadata: { readonly page_key?: string };
  readonly next_page_key?: string;
  readonly next_after: string;
}

async function get(path: string, key = 'acme-key') {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

async function positionAfter(...events: RunEvent[]): Promise<string> {
  const outcomes = await log.append(events);
  const last = outcomes.at(-1)!;
  if (!('position' in last)) throw new Error('not stored');
  const { shard, epoch, sequence } = last.position;
  return `${shard}.${epoch}.${sequence}`;
}

describe('a run over SSE', () => {
  it('gives the same list to who connects before, in the middle, after, and again by Last-Event-ID', async () => {
    const run = newRun();
    const early = await sse(streamPath(run));
    await log.append([started(run), ...steps(run, 0, 50)]);
    const middle = await sse(streamPath(run));
    await middle.until(30);
    middle.close();
    const resumed = await sse(streamPath(run), { 'last-event-id': middle.events[19]!.id! });
    await log.append([...steps(run, 50, 100), completed(run)]);
    const expected = ['start', ...stepIds(0, 100), 'end'];
    await early.ended;
    await resumed.ended;
    const late = await sse(streamPath(run));
    await late.ended;
    expect(early.ids()).toEqual(expected);
    expect(late.ids()).toEqual(expected);
    expect([...middle.ids().slice(0, 20), ...resumed.ids()]).toEqual(expected);
    expect(late.events.map(({ id }) => id)).toEqual(early.events.map(({ id }) => id));
  });

  it('says that the run has ended in a frame without a position, and answers 204 to who has it all', async () => {
    const run = newRun();
    await log.append([started(run)]);
    const position = await positionAfter(completed(run));
    const reader = await sse(streamPath(run));
    await reader.ended;
    expect(reader.controls).toEqual([{ event: 'end', id: undefined, data: { position } }]);
    await get(`/v1/runs/${encodeURIComponent(run)}?wait_for=${position}`);
    const again = await fetch(url + streamPath(run), {
      headers: { 'x-api-key': 'acme-key', 'last-event-id': position },
    });
    expect(again.status).toBe(204);
  });

  it('stays open behind the end with follow=true', async () => {
    const run = newRun();
    await log.append([started(run), completed(run)]);
    const reader = await sse(streamPath(run, '?follow=true'));
    await reader.until(2);
    await log.append([event(run, 'late')]);
    await reader.until(3);
    expect(reader.ids()).toEqual(['start', 'end', 'late']);
    expect(reader.controls).toEqual([]);
  });

  it.each([
    ['of another epoch', (token: string) => token.replace(/\.[^.]+\./, '.0123456789ab.'), 'other-epoch'],
    ['of another shard', (token: string) => token.replace(/^0/, '7'), 'other-shard'],
    ['ahead of the log', (token: string) => token.replace(/\d+$/, '999999999'), 'ahead-of-log'],
    ['that is none', () => 'nonsense', 'malformed'],
  ])('says reset for a position %s and begins anew', async (_name, forge, reason) => {
    const run = newRun();
    const position = await positionAfter(started(run), event(run, 'a'));
    const reader = await sse(streamPath(run), { 'last-event-id': forge(position) });
    await reader.until(2);
    expect(reader.controls).toEqual([{ event: 'reset', id: undefined, data: { reason } }]);
    expect(reader.ids()).toEqual(['start', 'a']);
  });

  it('leaves out what the filter leaves out and still moves the position over it', async () => {
    const run = newRun();
    await log.append([started(run), ...steps(run, 0, 3), event(run, 'loud', { level: 'error' })]);
    const errors = await sse(streamPath(run, '?level=error'));
    const starts = await sse(streamPath(run, '?types=run.started'));
    await errors.until(1);
    const position = await positionAfter(event(run, 'quiet'));
    await waitFor(() => starts.lastEventId() === position, { describe: 'the position of the newest event' });
    expect(errors.ids()).toEqual(['loud']);
    expect(starts.ids()).toEqual(['start']);
  });

  it('keeps numbers that JavaScript would round', async () => {
    const run = newRun();
    const raw = '{"type":"custom","run":"x","data":{"n":12345678901234567890}}';
    await log.append([event(run, 'big', { type: 'custom', raw })]);
    const reader = await sse(streamPath(run));
    await reader.until(1);
    expect(reader.events[0]!.text).toContain('12345678901234567890');
  });

  it('sends heartbeats while nothing happens', async () => {
    const reader = await sse(streamPath(newRun()));
    await waitFor(() => reader.comments > 1, { describe: 'two heartbeats' });
  });

  it('shows nothing of a run with the same id in another tenant', async () => {
    const run = newRun();
    const reader = await sse(streamPath(run));
    await log.append([event(run, 'theirs', { tenant: 'other' })]);
    await log.append([event(run, 'ours')]);
    await reader.until(1);
    expect(reader.ids()).toEqual(['ours']);
  });
});

describe('a run over WebSocket', () => {
  it('gives what SSE gives, with the position in every frame, and closes with 1000 at the end', async () => {
    const run = newRun();
    const socket = ws(streamPath(run));
    await log.append([started(run), ...steps(run, 0, 20), completed(run)]);
    expect(await socket.closed).toEqual({ code: 1000, reason: 'the run has ended' });
    const reader = await sse(streamPath(run));
    await reader.ended;
    const events = socket.frames.filter((frame) => frame['control'] === undefined);
    expect(events).toEqual(reader.events.map(({ data }) => data));
    expect(events.map((frame) => frame['position'])).toEqual(reader.events.map(({ id }) => id));
    expect(socket.frames.at(-1)).toEqual({ control: 'end', position: events.at(-1)!['position'] });
  });

  it('resumes after a position in the query', async () => {
    const run = newRun();
    const position = await positionAfter(started(run), event(run, 'a'));
    await log.append([event(run, 'b')]);
    const socket = ws(streamPath(run, `?after=${position}`));
    await waitFor(() => socket.frames.length === 1, { describe: 'one frame' });
    expect(socket.frames[0]).toMatchObject({ id: 'b' });
  });

  it('answers pings that come as text', async () => {
    const socket = ws(streamPath(newRun()));
    socket.socket.on('open', () => socket.socket.send('{"type":"ping"}'));
    await waitFor(() => socket.frames.length === 1, { describe: 'a pong' });
    expect(socket.frames).toEqual([{ type: 'pong' }]);
  });

  it.each([
    ['no key', '', 401],
    ['an unknown key', 'nobody', 401],
    ['a key that may not read', 'ingest-key', 403],
  ])('is refused before the upgrade for %s', async (_name, key, status) => {
    const { socket } = ws(streamPath(newRun()), key);
    const answered = await new Promise<number | undefined>((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    });
    expect(answered).toBe(status);
  });
});

describe('a session', () => {
  it('joins its runs in log order, from their links on, also where later events do not name it', async () => {
    const [first, second, session] = [newRun(), newRun(), `session ${runs}`];
    const early = await sse(`/v1/sessions/${encodeURIComponent(session)}/stream`);
    await log.append([event(first, 'before')]);
    await log.append([event(first, 'a', { session })]);
    await log.append([event(first, 'b'), event(second, 'c', { session }), event(first, 'd')]);
    await early.until(4);
    const position = await positionAfter(event(second, 'e'));
    await early.until(5);
    const late = await sse(`/v1/sessions/${encodeURIComponent(session)}/stream`);
    await late.until(5);
    expect(early.ids()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(late.ids()).toEqual(early.ids());
    const { body } = await get(`/v1/sessions/${encodeURIComponent(session)}/events?wait_for=${position}`);
    expect(body.events.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is watched by Lyzr clients at both of its addresses, over many runs', async () => {
    const session = `lyzr-${newRun()}`;
    const sockets = ['/session/', '/ws/'].map((path) =>
      ws(`${path}${encodeURIComponent(session)}?x-api-key=acme-key`, ''),
    );
    const lyzr = (id: string) =>
      ({ dialect: 'lyzr-agent', session, raw: JSON.stringify({ event_type: 'thinking', log_id: id }) }) as const;
    await Promise.all(sockets.map(({ socket }) => new Promise((resolve) => socket.on('open', resolve))));
    await log.append([event(newRun(), 'one', lyzr('one'))]);
    await log.append([event(newRun(), 'two', lyzr('two'))]);
    for (const { frames } of sockets) {
      await waitFor(() => frames.length === 2, { describe: 'two frames' });
      expect(frames.map((frame) => frame['log_id'])).toEqual(['one', 'two']);
    }
  });
});

describe('many feeds over one WebSocket', () => {
  const subscribe = (subscription: string, more: object) =>
    JSON.stringify({ action: 'subscribe', subscription, ...more });

  async function openShared(): Promise<SocketReader> {
    const reader = ws('/v1/stream');
    await new Promise((resolve) => reader.socket.on('open', resolve));
    return reader;
  }

  const idsOf = ({ frames }: SocketReader, name: string) =>
    frames
      .filter((frame) => frame['subscription'] === name && 'event' in frame)
      .map((frame) => (frame['event'] as { id: string }).id);

  it('keep apart, end each for itself, and can be left', async () => {
    const [first, second, third] = [newRun(), newRun(), newRun()];
    const shared = await openShared();
    shared.socket.send(subscribe('a', { run: first }));
    shared.socket.send(subscribe('b', { run: second }));
    shared.socket.send(subscribe('c', { run: third }));
    await log.append([started(first), started(second), started(third), ...steps(first, 0, 3)]);
    await waitFor(() => idsOf(shared, 'a').length === 4 && idsOf(shared, 'c').length === 1, { describe: 'both feeds' });
    shared.socket.send(JSON.stringify({ action: 'unsubscribe', subscription: 'c' }));
    const says = (name: string, control: string) => () =>
      shared.frames.some((frame) => frame['subscription'] === name && frame['control'] === control);
    await waitFor(says('c', 'unsubscribed'), { describe: 'the end of c' });
    await log.append([completed(first), ...steps(third, 0, 2), ...steps(second, 0, 2)]);
    await waitFor(says('a', 'end'), { describe: 'the end of a' });
    await waitFor(() => idsOf(shared, 'b').length === 3, { describe: 'the rest of b' });
    expect(idsOf(shared, 'a')).toEqual(['start', 'e0', 'e1', 'e2', 'end']);
    expect(idsOf(shared, 'b')).toEqual(['start', 'e0', 'e1']);
    expect(idsOf(shared, 'c')).toEqual(['start']);
  });

  it('resume each from its own position', async () => {
    const run = newRun();
    const after = await positionAfter(started(run), event(run, 'a'));
    await log.append([event(run, 'b')]);
    const shared = await openShared();
    shared.socket.send(subscribe('x', { run, after }));
    await waitFor(() => idsOf(shared, 'x').length === 1, { describe: 'what follows the position' });
    expect(idsOf(shared, 'x')).toEqual(['b']);
  });

  it.each([
    ['no JSON', 'nonsense', ''],
    ['an unknown action', '{"action":"dance"}', 'action'],
    ['a name that is not known', '{"action":"unsubscribe","subscription":"nobody"}', 'subscription'],
  ])('answer %s with what was expected and stay open', async (_name, text, field) => {
    const shared = await openShared();
    shared.socket.send(text);
    shared.socket.send('{"action":"ping"}');
    await waitFor(() => shared.frames.length === 2, { describe: 'two answers' });
    expect(shared.frames).toMatchObject([{ control: 'refused', errors: [{ field }] }, { type: 'pong' }]);
  });
});

describe('lists', () => {
  it('page through the runs of a filter, newest first, each once', async () => {
    const agent = `agent-${newRun()}`;
    const names = Array.from({ length: 5 }, newRun);
    let position = '';
    for (const run of names) position = await positionAfter({ ...started(run), agent });
    const seen: string[] = [];
    let next = '';
    do {
      const query = `?agent=${encodeURIComponent(agent)}&limit=2&wait_for=${position}${next}`;
      const { body } = await get(`/v1/runs${query}`);
      seen.push(...body.runs.map(({ id }) => id));
      next = body.next_page_key ? `&page_key=${body.next_page_key}` : '';
    } while (next !== '');
    expect(seen).toEqual([...names].reverse());
  });

  it('refuse a page key of another filter or tenant', async () => {
    const agent = `agent-${newRun()}`;
    let position = '';
    for (const run of [newRun(), newRun()]) position = await positionAfter({ ...started(run), agent });
    const { body } = await get(`/v1/runs?agent=${encodeURIComponent(agent)}&limit=1&wait_for=${position}`);
    const key = body.next_page_key!;
    expect((await get(`/v1/runs?limit=1&page_key=${key}`)).status).toBe(400);
    expect((await get(`/v1/runs?agent=${encodeURIComponent(agent)}&limit=1&page_key=${key}`, 'other-key')).status).toBe(
      400,
    );
  });

  it('name every bad parameter at once', async () => {
    const { status, body } = await get('/v1/runs?status=done&limit=0&started_after=now&nonsense=1');
    expect(status).toBe(400);
    expect(body.errors.map(({ field }) => field)).toEqual(['status', 'started_after', 'limit', 'nonsense']);
  });

  it('show a single run with its usage, and 404 across tenants', async () => {
    const run = newRun();
    const end = {
      ...completed(run),
      data: { output: 'done', usage: { inputTokens: 3, outputTokens: 4, costUsd: 0.5 } },
    };
    const position = await positionAfter(started(run), ...steps(run, 0, 2), end);
    const path = `/v1/runs/${encodeURIComponent(run)}?wait_for=${position}`;
    const { body } = await get(path);
    expect(body).toMatchObject({
      id: run,
      status: 'success',
      step_count: 2,
      event_count: 4,
      output: 'done',
      usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7, cost_usd: 0.5 },
      position,
    });
    expect((await get(path, 'other-key')).status).toBe(404);
  });

  it("answer a run's events after a position, and 410 for a position of another log", async () => {
    const run = newRun();
    const first = await positionAfter(event(run, 'a'));
    const position = await positionAfter(...steps(run, 0, 3));
    const path = `/v1/runs/${encodeURIComponent(run)}/events?wait_for=${position}`;
    const page = await get(`${path}&after=${first}&limit=2`);
    expect(page.body.events.map(({ id }) => id)).toEqual(['e0', 'e1']);
    const rest = await get(`${path}&after=${page.body.next_after}`);
    expect(rest.body.events.map(({ id }) => id)).toEqual(['e2']);
    expect((await get(`${path}&after=0.0123456789ab.1`)).status).toBe(410);
  });
});

describe('the live session of zihin', () => {
  it('begins with a snapshot without a position, then the events, ends with the run, and answers 204 to a reconnect', async () => {
    const run = newRun();
    const reader = await sse(`/api/v1/sessions/${encodeURIComponent(run)}/live`);
    const position = await positionAfter(
      started(run),
      event(run, 'quiet'),
      completed(run),
      event(run, 'late and silent'),
    );
    await reader.ended;
    expect(reader.all.map(({ event: name }) => name)).toEqual(['snapshot', 'session:start', 'session:complete']);
    expect(reader.all[0]).toMatchObject({ id: undefined, data: { executionId: run } });
    await get(`/v1/runs/${encodeURIComponent(run)}?wait_for=${position}`);
    const headers = { 'x-api-key': 'acme-key', 'last-event-id': reader.lastEventId()! };
    expect((await fetch(`${url}/api/v1/sessions/${encodeURIComponent(run)}/live`, { headers })).status).toBe(204);
  });
});

describe('the event list of Vectara', () => {
  const path = (agent: string, session: string, query = '') =>
    `/v2/agents/${agent}/sessions/${encodeURIComponent(session)}/events${query}`;

  it('pages through a session at limit=2 while events arrive, each once and in order', async () => {
    const session = `ase_${newRun()}`;
    const run = newRun();
    const say = (id: string) =>
      event(run, id, { session, agent: 'agt_a', type: 'message.sent', data: { content: id } });
    await log.append(Array.from({ length: 5 }, (_, index) => say(`m${index}`)));
    const position = await positionAfter(event(run, 'has no form there', { session, type: 'run.heartbeat', data: {} }));
    await get(`/v1/runs/${encodeURIComponent(run)}?wait_for=${position}`);
    const seen: string[] = [];
    let key: string | undefined = '';
    while (key !== undefined) {
      const { body } = await get(path('agt_a', session, `?limit=2${key && `&page_key=${key}`}`));
      const { events, metadata } = body;
      if (key === '') await get(`/v1/runs/${encodeURIComponent(run)}?wait_for=${await positionAfter(say('m5'))}`);
      seen.push(...events.map(({ id }) => id));
      key = metadata.page_key;
    }
    expect(seen).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
  });

  it.each([
    ['limit=0', 400, 'invalid_request'],
    ['limit=101', 400, 'invalid_request'],
    ['page_key=forged', 400, 'invalid_request'],
    ['', 404, 'agent_not_found'],
  ])('answers %s in the words of its vendor', async (query, status, code) => {
    const { status: answered, body } = await get(path('agt_nobody', 'ase_x', `?${query}`));
    expect(answered).toBe(status);
    expect(body).toMatchObject({ code, messages: [expect.any(String)], request_id: expect.any(String) });
  });
});

describe('a shutdown', () => {
  it('sends SSE clients away with a retry time and WebSockets with 1012, and takes no new ones', async () => {
    const run = newRun();
    const reader = await sse(streamPath(run));
    const socket = ws(streamPath(run));
    await new Promise((resolve) => socket.socket.on('open', resolve));
    readiness.startDraining();
    await gateway.feeds.streams.drain(10, Math.random);
    expect(await socket.closed).toMatchObject({ code: 1012 });
    await reader.ended;
    expect(reader.retries.length).toBe(2);
    const late = ws(streamPath(run));
    const status = await new Promise((resolve) =>
      late.socket.on('unexpected-response', (_request, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(503);
  });
});
