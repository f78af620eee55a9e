import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeys } from '@runcast/read-models';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '../stream/close-codes.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
const sockets: WebSocket[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start({ replicas: 2 });
  await under.tell('r1', 'run.started', {}, { session: 's1', agent: 'a1' });
  await under.tell('r1', 'step.started', { step: 'plan' });
  await under.tell('r1', 'run.completed', { output: 'done' });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(() => under.close());

async function ticketFor(bounds: object, key = 'acme-key'): Promise<string> {
  const { status, body } = await under.send('POST', '/v1/tickets', bounds, key);
  expect({ status, body }).toMatchObject({ status: 201, body: { ticket: expect.stringMatching(/^rct_/) } });
  return body['ticket'] as string;
}

/** As a page does it: no headers, nothing but the address. */
function get(path: string, replica = 0): Promise<Response> {
  return fetch(under.urls[replica]! + path);
}

interface Opened {
  readonly socket: WebSocket;
  readonly frames: Record<string, unknown>[];
  readonly refused: () => number | undefined;
  readonly closed: () => { code: number; reason: string } | undefined;
}

function open(path: string, { replica = 0, protocols = [] as string[], key = '' } = {}): Opened {
  const headers = key === '' ? {} : { headers: { 'x-api-key': key } };
  const socket = new WebSocket(under.urls[replica]!.replace('http', 'ws') + path, protocols, headers);
  sockets.push(socket);
  const frames: Record<string, unknown>[] = [];
  let refused: number | undefined;
  let closed: { code: number; reason: string } | undefined;
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  socket.on('unexpected-response', (request, { statusCode }) => {
    refused = statusCode;
    request.destroy();
  });
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => (closed = { code, reason: reason.toString() }));
  return { socket, frames, refused: () => refused, closed: () => closed };
}

const refusedWith = (opened: Opened, status: number) =>
  waitFor(() => opened.refused() === status, { describe: () => `${status}, got ${String(opened.refused())}` });

describe('A ticket opens, with nothing but the address,', () => {
  it.each([
    ['a run as SSE', '/v1/runs/r1/stream', { run: 'r1' }],
    ['a session as SSE', '/v1/sessions/s1/stream', { session: 's1' }],
    ['the live session of zihin', '/api/v1/sessions/r1/live', { run: 'r1' }],
  ])('%s, once, whichever replica it is shown', async (_name, path, bounds) => {
    const ticket = await ticketFor(bounds);
    const first = await get(`${path}?ticket=${ticket}`);
    expect(first.status).toBe(200);
    await first.body!.cancel();
    for (const replica of [0, 1]) expect((await get(`${path}?ticket=${ticket}`, replica)).status).toBe(401);
  });

  it.each([
    ['a run', '/v1/runs/r1/stream', { run: 'r1' }],
    ['a session', '/v1/sessions/s1/stream', { session: 's1' }],
    ['the agent events of Lyzr', '/session/s1', { session: 's1' }],
    ['their other address', '/ws/s1', { session: 's1' }],
    ['a workflow of Lyzr', '/ws/-/r1', { run: 'r1' }],
  ])('%s as WebSocket, in the query and among the protocols', async (_name, path, bounds) => {
    const inQuery = await ticketFor(bounds);
    const byQuery = open(`${path}?ticket=${inQuery}`, { replica: 1 });
    const byProtocol = open(path, { protocols: ['runcast', `runcast.ticket.${await ticketFor(bounds)}`] });
    for (const { frames } of [byQuery, byProtocol]) {
      await waitFor(() => frames.length > 0, { describe: 'a frame' });
    }
    // The ticket is not said back: a proxy would write it down.
    expect(byProtocol.socket.protocol).toBe('runcast');
    await refusedWith(open(`${path}?ticket=${inQuery}`), 401);
  });

  it('the feeds it names on a shared socket, and no others', async () => {
    const ticket = await ticketFor({ run: ['r1', 'r2'], session: 's1' });
    const { socket, frames } = open(`/v1/stream?ticket=${ticket}`);
    await waitFor(() => socket.readyState === WebSocket.OPEN, { describe: 'the socket' });
    socket.send(JSON.stringify({ action: 'subscribe', subscription: 'mine', run: 'r1' }));
    socket.send(JSON.stringify({ action: 'subscribe', subscription: 'other', run: 'r3' }));
    socket.send(JSON.stringify({ action: 'subscribe', subscription: 'session', session: 's1' }));
    const of = (name: string) => frames.filter(({ subscription }) => subscription === name);
    await waitFor(() => of('session').length >= 4 && of('mine').length >= 5, { describe: 'both feeds' });
    expect(of('other').map(({ control }) => control)).toEqual(['subscribed', 'refused']);
  });
});

async function viewFor(ticket: string, replica = 0): Promise<Response> {
  return fetch(`${under.urls[replica]!}/v1/views`, { method: 'POST', headers: { authorization: `Bearer ${ticket}` } });
}

interface View {
  readonly view: string;
  readonly expires_at: string;
}

describe('A view', () => {
  const take = async (ticket: string): Promise<View> => (await (await viewFor(ticket)).json()) as View;
  const show = (path: string, view: string, replica = 0) =>
    fetch(under.urls[replica]! + path, { headers: { authorization: `Bearer ${view}` } });

  it('is given once for a ticket, and opens what that named, again and again, on every replica', async () => {
    const ticket = await ticketFor({ run: 'r1', session: 's1' });
    const given = await viewFor(ticket);
    expect(given.status).toBe(201);
    const { view, ...facts } = (await given.json()) as View;
    expect(facts).toEqual({ expires_at: expect.any(String) as unknown, runs: ['r1'], sessions: ['s1'] });
    expect((await viewFor(ticket, 1)).status).toBe(401);
    for (const replica of [0, 1, 0]) {
      for (const path of ['/v1/runs/r1/stream', '/v1/sessions/s1/stream']) {
        const response = await show(path, view, replica);
        expect(response.status).toBe(200);
        await response.body!.cancel();
      }
    }
    const { frames } = open('/v1/runs/r1/stream', { protocols: ['runcast', `runcast.ticket.${view}`], replica: 1 });
    await waitFor(() => frames.length > 0, { describe: 'a frame' });
  });

  it('shows nothing else: no other run, no list, no other part of the events, and makes no tickets', async () => {
    const { view } = await take(await ticketFor({ run: 'r1', types: ['step.started'] }));
    expect((await show('/v1/runs/r2/stream', view)).status).toBe(403);
    for (const path of ['/v1/runs', '/v1/runs/r1', '/v1/runs/r1/events', '/v1/agents', '/v1/run-changes']) {
      expect([path, (await show(path, view)).status]).toEqual([path, 401]);
    }
    expect((await under.send('POST', '/v1/tickets', { run: 'r1' }, view)).status).toBe(401);
    expect((await under.send('POST', '/v1/runs/r1/input', { response: 'yes' }, view)).status).toBe(401);
    const text = await (await show('/v1/runs/r1/stream', view)).text();
    expect([...text.matchAll(/"type":"([^"]+)"/g)].map(([, type]) => type)).toEqual(['step.started']);
  });

  it('that is taken with another view ends no later than that', async () => {
    const first = await take(await ticketFor({ run: 'r1' }));
    await under.database.query(`UPDATE ticket SET expires_at = now() + interval '60 seconds'`);
    const second = await take(first.view);
    expect(Date.parse(second.expires_at) - Date.now()).toBeLessThan(61_000);
    const third = await take(second.view);
    expect(Date.parse(third.expires_at)).toBeLessThanOrEqual(Date.parse(second.expires_at));
  });

  it('ends the feeds that it has open when its time is over', async () => {
    await under.tell('lasting', 'run.started');
    const { view } = await take(await ticketFor({ run: 'lasting' }));
    // Long enough to open one.
    await under.database.query(`UPDATE ticket SET expires_at = now() + interval '4 seconds'`);
    const { closed } = open('/v1/runs/lasting/stream', { protocols: ['runcast', `runcast.ticket.${view}`] });
    await waitFor(() => closed() !== undefined, { describe: 'the view to end' });
    expect(closed()).toMatchObject({ code: CLOSE_CODES.expired.code });
    expect((await show('/v1/runs/lasting/stream', view)).status).toBe(401);
  });

  it('is given for nothing but a ticket', async () => {
    expect(await under.send('POST', '/v1/views', undefined)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('Bearer <ticket>') as unknown },
    });
    expect((await viewFor(`rct_${'A'.repeat(43)}`)).status).toBe(401);
    expect((await fetch(`${under.url}/v1/views`, { method: 'POST' })).status).toBe(401);
  });
});

describe('A ticket is refused', () => {
  it('for a feed that it does not name', async () => {
    expect((await get(`/v1/runs/r2/stream?ticket=${await ticketFor({ run: 'r1' })}`)).status).toBe(403);
    expect((await get(`/v1/sessions/r1/stream?ticket=${await ticketFor({ run: 'r1' })}`)).status).toBe(403);
    await refusedWith(open(`/session/s2?ticket=${await ticketFor({ session: 's1' })}`), 403);
  });

  it('where no stream is opened', async () => {
    expect((await get(`/v1/runs?ticket=${await ticketFor({ run: 'r1' })}`)).status).toBe(401);
    const asKey = await under.send('GET', '/v1/runs', undefined, await ticketFor({ run: 'r1' }));
    expect(asKey.status).toBe(401);
  });

  it('when it has expired, in the query and among the protocols', async () => {
    const expired = async (): Promise<string> => {
      const ticket = await ticketFor({ run: 'r1' });
      await under.database.query(`UPDATE ticket SET expires_at = now()`);
      return ticket;
    };
    const response = await get(`/v1/runs/r1/stream?ticket=${await expired()}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'unauthenticated', detail: expect.stringContaining('ticket') });
    await refusedWith(open('/v1/runs/r1/stream', { protocols: [`runcast.ticket.${await expired()}`] }), 401);
  });

  it('after the key it was made with was revoked', async () => {
    const { key, id } = await under.createKey();
    const ticket = await ticketFor({ run: 'r1' }, key);
    await new ApiKeys(under.database).revoke({ tenant: 'acme', id, actor: 'spec' });
    expect((await get(`/v1/runs/r1/stream?ticket=${ticket}`, 1)).status).toBe(401);
  });

  it('to a stranger, for nothing, and for what is no feed', async () => {
    expect((await under.send('POST', '/v1/tickets', { run: 'r1' }, 'nobody')).status).toBe(401);
    for (const [body, field] of [
      [{}, 'run'],
      [{ run: [] }, 'run'],
      [{ run: '' }, 'run'],
      [{ run: 'r', colour: 'red' }, ''],
      [{ run: 'r', level: 'loud' }, 'level'],
      [{ session: 's', flow: 'f' }, 'run'],
    ] as const) {
      const refused = await under.send('POST', '/v1/tickets', body);
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    }
  });
});

describe('A ticket shows', () => {
  const typesSeen = async (bounds: object, query = ''): Promise<unknown[]> => {
    const text = await (await get(`/v1/runs/r1/stream?ticket=${await ticketFor(bounds)}${query}`)).text();
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Record<string, unknown>);
    return events.flatMap(({ type }) => (type === undefined ? [] : [type]));
  };

  it('only the types and levels it was made for, whatever is asked for', async () => {
    expect(await typesSeen({ run: 'r1' })).toEqual(['run.started', 'step.started', 'run.completed']);
    const types = ['step.started', 'run.completed'];
    expect(await typesSeen({ run: 'r1', types })).toEqual(types);
    expect(await typesSeen({ run: 'r1', types }, '&types=run.started,run.completed')).toEqual(['run.completed']);
    expect(await typesSeen({ run: 'r1', types }, '&types=run.started')).toEqual([]);
    expect(await typesSeen({ run: 'r1', level: 'error' }, '&level=debug')).toEqual([]);
  });

  it('nothing of another tenant’s run of the same name', async () => {
    const ticket = await ticketFor({ run: 'r1' }, 'rival-key');
    const { frames, socket } = open(`/v1/runs/r1/stream?ticket=${ticket}`);
    await waitFor(() => socket.readyState === WebSocket.OPEN, { describe: 'the socket' });
    await under.tell('r1', 'run.started', { message: 'ours' }, { tenant: 'rival' });
    await waitFor(() => frames.length > 0, { describe: 'the rival’s event' });
    expect(JSON.stringify(frames)).not.toContain('plan');
  });
});

describe('A revoked key', () => {
  it('takes along, on two gateways and within a few polls of the keys, every stream that it or a ticket of it has opened', async () => {
    const { key, id } = await under.createKey();
    const other = await under.createKey();
    await under.tell('long', 'run.started');
    const sse = await Promise.all(
      [0, 1].map((replica) => fetch(`${under.urls[replica]!}/v1/runs/long/stream?x-api-key=${key}`)),
    );
    const opened = [
      open('/v1/runs/long/stream', { key }),
      open('/v1/stream', { key, replica: 1 }),
      open('/ws/-/long', { key, replica: 1 }),
      open(`/v1/runs/long/stream?ticket=${await ticketFor({ run: 'long' }, key)}`, { replica: 1 }),
    ];
    const bystander = open('/v1/runs/long/stream', { key: other.key });
    const all = [...opened, bystander];
    await waitFor(() => all.every(({ socket }) => socket.readyState === WebSocket.OPEN), {
      describe: 'all to be open',
    });
    const revokedAt = performance.now();
    await new ApiKeys(under.database).revoke({ tenant: 'acme', id, actor: 'spec' });
    await waitFor(() => opened.every(({ closed }) => closed() !== undefined), { describe: 'all to be closed' });
    await Promise.all(sse.map((response) => response.text()));
    // The promise is 5 s, of gateways that ask every two. One that did not ask would let them all go on for ever.
    expect(performance.now() - revokedAt).toBeLessThan(15_000);
    const { code, reason } = CLOSE_CODES.revoked;
    expect(opened.map(({ closed }) => closed())).toEqual(opened.map(() => ({ code, reason })));
    expect(bystander.closed()).toBeUndefined();
    for (const replica of [0, 1]) await refusedWith(open('/v1/stream', { key, replica }), 401);
  });
});
