import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RuncastClient, type RuncastClientOptions } from './runcast-client.ts';
import type { DroppedEvent } from './sending/outgoing.ts';
import { RecordingGateway } from './testing/index.ts';

let gateway: RecordingGateway;
const clients: RuncastClient[] = [];
const dropped: DroppedEvent[] = [];

beforeEach(async () => {
  gateway = await RecordingGateway.start();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ timeoutMs: 0 })));
  await gateway.stop();
  dropped.length = 0;
});

function clientWith(options: Partial<RuncastClientOptions> = {}): RuncastClient {
  const client = new RuncastClient({
    url: gateway.url,
    apiKey: 'demo-key',
    backoff: { firstMs: 1, maxMs: 4 },
    onDrop: (event) => dropped.push(event),
    ...options,
  });
  clients.push(client);
  return client;
}

const heartbeat = (run: string) => ({ type: 'run.heartbeat' as const, run });
const runsOf = () => gateway.events.map((event) => event['run'] ?? event['sdk_run_id']);
const bodies = () => gateway.requests.map(({ text }) => text);

describe('sending', () => {
  it('puts what is sent in one go into one request, with the key, an id and a time', async () => {
    const client = clientWith();
    const ids = ['a', 'b'].map((run) => client.send(heartbeat(run)));
    await client.flush();
    expect(gateway.requests).toHaveLength(1);
    expect(gateway.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/events',
      headers: { authorization: 'Bearer demo-key' },
    });
    expect(gateway.events).toEqual([
      { type: 'run.heartbeat', run: 'a', id: ids[0], occurred_at: expect.stringMatching(/\.\d{6}Z$/), data: {} },
      { type: 'run.heartbeat', run: 'b', id: ids[1], occurred_at: expect.stringMatching(/\.\d{6}Z$/), data: {} },
    ]);
  });

  it('cuts a flood into requests of at most 500 events and keeps its order', async () => {
    const client = clientWith();
    const runs = Array.from({ length: 1_234 }, (_, index) => String(index));
    for (const run of runs) client.send(heartbeat(run));
    await client.flush();
    expect(bodies().map((text) => (JSON.parse(text) as unknown[]).length)).toEqual([500, 500, 234]);
    expect(runsOf()).toEqual(runs);
  });

  it('has one request under way at a time', async () => {
    const client = clientWith();
    let underWay = 0;
    let most = 0;
    gateway.answer = (_request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      response.once('finish', () => (underWay -= 1));
      return undefined;
    };
    for (const run of ['a', 'b', 'c']) client.sendIngest({ event_type: 'run_start', sdk_run_id: run, payload: {} });
    await client.flush();
    expect(gateway.requests).toHaveLength(3);
    expect(most).toBe(1);
  });

  it('keeps the order between the two doors, and makes the vendor ingest idempotent by a header', async () => {
    const client = clientWith();
    client.send(heartbeat('a'));
    const id = client.sendIngest({ event_type: 'run_start', sdk_run_id: 'b', payload: {} });
    client.send(heartbeat('c'));
    await client.flush();
    expect(gateway.requests.map(({ path }) => path)).toEqual(['/v1/events', '/api/ingest', '/v1/events']);
    expect(gateway.requests[1]?.headers['idempotency-key']).toBe(id);
    expect(runsOf()).toEqual(['a', 'b', 'c']);
  });

  it('fixes an event when it is sent, whatever the agent does with its objects later', async () => {
    const client = clientWith();
    const data = { phase: 'before' };
    client.send({ type: 'run.phase-changed', run: 'a', data });
    data.phase = 'after';
    await client.flush();
    expect(gateway.events[0]?.['data']).toEqual({ phase: 'before' });
  });
});

describe('retrying', () => {
  it.each([429, 500, 503, 401, 404])('sends the same bytes again after a %i', async (status) => {
    const client = clientWith();
    let refusals = 3;
    gateway.answer = () => (refusals-- > 0 ? { status } : undefined);
    client.send(heartbeat('a'));
    await client.flush();
    expect(new Set(bodies()).size).toBe(1);
    expect(gateway.requests).toHaveLength(4);
    expect(client.counts).toEqual({ sent: 1, delivered: 1, dropped: 0, buffered: 0 });
  });

  it('sends again when the connection breaks before the answer', async () => {
    const client = clientWith();
    let breaks = 2;
    gateway.answer = (_request, response) => {
      if (breaks-- <= 0) return undefined;
      response.destroy();
      return 'answered';
    };
    client.send(heartbeat('a'));
    await client.flush();
    expect(new Set(bodies()).size).toBe(1);
    expect(runsOf()).toEqual(['a']);
  });

  it.each([
    ['a page', { welcome: 'please log in' }],
    ['no result', { results: [] }],
    ['results for other events', { results: [{ status: 'stored' }, { status: 'stored' }] }],
  ])('does not take a 200 with %s for a yes', async (_what, body) => {
    const client = clientWith();
    let answers = 1;
    gateway.answer = () => (answers-- > 0 ? { status: 200, body } : undefined);
    client.send(heartbeat('a'));
    await client.flush();
    expect(gateway.requests).toHaveLength(2);
    expect(client.counts).toMatchObject({ delivered: 1, dropped: 0 });
  });

  it('waits as long as the gateway asks', async () => {
    const delays: number[] = [];
    const client = clientWith({ onRetry: ({ delayMs }) => delays.push(delayMs) });
    gateway.answer = () => ({ status: 503, headers: { 'retry-after': '30' } });
    client.send(heartbeat('a'));
    await gateway.until(() => gateway.requests.length > 0);
    await client.close({ timeoutMs: 20 });
    expect(delays[0]).toBe(30_000);
  });

  it('delivers all of it, once and in order, when Runcast comes back', async () => {
    const { url } = gateway;
    await gateway.stop();
    const client = clientWith();
    const runs = Array.from({ length: 600 }, (_, index) => String(index));
    for (const run of runs) client.send(heartbeat(run));
    expect(await client.flush({ timeoutMs: 20 })).toEqual({ pending: 600 });
    gateway = await RecordingGateway.start(Number(new URL(url).port));
    expect(await client.flush()).toEqual({ pending: 0 });
    expect(runsOf()).toEqual(runs);
  });
});

describe('what does not arrive', () => {
  it('is the oldest when the buffer is full, and is reported', async () => {
    await gateway.stop();
    const client = clientWith({ maxBufferedEvents: 2 });
    for (const run of ['a', 'b', 'c']) client.send(heartbeat(run));
    expect(dropped).toMatchObject([{ run: 'a', type: 'run.heartbeat', reason: 'buffer-full' }]);
    expect(client.counts).toEqual({ sent: 3, delivered: 0, dropped: 1, buffered: 2 });
    gateway = await RecordingGateway.start();
  });

  it('is what cannot be written as JSON, without an error in the agent', () => {
    const cycle: Record<string, never> = {};
    Object.assign(cycle, { cycle });
    const client = clientWith();
    client.send({ type: 'own', run: 'a', data: cycle });
    expect(dropped).toMatchObject([{ run: 'a', reason: 'unserializable' }]);
  });

  it('is what the gateway finds invalid or in conflict, and nothing beside it', async () => {
    const client = clientWith();
    const problems = [{ field: 'type', expected: 'a string' }];
    const results = [
      { status: 'stored' },
      { status: 'invalid', problems },
      { status: 'conflict' },
      { status: 'duplicate' },
    ];
    gateway.answer = () => ({ status: 207, body: { results } });
    for (const run of ['a', 'b', 'c', 'd']) client.send(heartbeat(run));
    await client.flush();
    expect(dropped.map(({ run, reason }) => [run, reason])).toEqual([
      ['b', 'refused'],
      ['c', 'refused'],
    ]);
    expect(dropped[0]?.detail).toContain('a string');
    expect(client.counts).toMatchObject({ delivered: 2, dropped: 2 });
  });

  it('is one event that no request may hold, while its neighbours arrive in order', async () => {
    const client = clientWith();
    gateway.answer = ({ text }) => (text.includes('"bad"') ? { status: 413 } : undefined);
    const runs = Array.from({ length: 20 }, (_, index) => (index === 13 ? 'bad' : String(index)));
    for (const run of runs) client.send(heartbeat(run));
    await client.flush();
    expect(dropped.map(({ run, reason }) => [run, reason])).toEqual([['bad', 'refused']]);
    expect(runsOf()).toEqual(runs.filter((run) => run !== 'bad'));
  });

  it('is what is left when the client is closed, and what is sent after', async () => {
    gateway.answer = () => ({ status: 503 });
    const client = clientWith();
    client.send(heartbeat('a'));
    await client.close({ timeoutMs: 20 });
    client.send(heartbeat('b'));
    expect(dropped.map(({ run, reason }) => [run, reason])).toEqual([
      ['a', 'closed'],
      ['b', 'closed'],
    ]);
    expect(client.counts).toEqual({ sent: 2, delivered: 0, dropped: 2, buffered: 0 });
  });

  it('does not stop the rest when the callback for it throws', async () => {
    const client = clientWith({
      onDrop: () => {
        throw new Error('in the agent');
      },
    });
    gateway.answer = () => ({ status: 202, body: { results: [{ status: 'invalid' }, { status: 'stored' }] } });
    client.send(heartbeat('a'));
    client.send(heartbeat('b'));
    await client.flush();
    expect(client.counts).toEqual({ sent: 2, delivered: 1, dropped: 1, buffered: 0 });
  });
});

describe('flush', () => {
  it('resolves at once when nothing is waiting', async () => {
    expect(await clientWith().flush({ timeoutMs: 60_000 })).toEqual({ pending: 0 });
  });

  it('does not wait for what is sent after it was called', async () => {
    const client = clientWith();
    client.send(heartbeat('a'));
    const flushed = client.flush({ timeoutMs: 60_000 });
    gateway.answer = ({ text }) =>
      text.includes('"b"') ? { status: 503, headers: { 'retry-after': '60' } } : undefined;
    await gateway.until(() => gateway.requests.length > 0);
    client.send(heartbeat('b'));
    expect(await flushed).toEqual({ pending: 0 });
  });
});
