import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { tokenLookup } from '@runcast/service-host';
import { tokenIssuer, waitFor, type TokenIssuer } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '../stream/close-codes.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
let issuer: TokenIssuer;
const sockets: WebSocket[] = [];
beforeAll(async () => {
  issuer = await tokenIssuer();
  under = await GatewayUnderTest.start();
  under.tokens = await tokenLookup(issuer.settings);
  await under.tell('r1', 'run.started');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await under.close();
  issuer.close();
});

/** A leeway of 30 s is granted: a token that ends 25 s ago is good for four or five more, in which it is used. */
const SOON = -25;

const token = (seconds: number, claims: object = {}) => issuer.token(seconds, { scope: 'read', ...claims });

function open(path: string, bearer: string) {
  const headers = { authorization: `Bearer ${bearer}` };
  const socket = new WebSocket(under.url.replace('http', 'ws') + path, { headers });
  sockets.push(socket);
  const frames: Record<string, unknown>[] = [];
  let closed: number | undefined;
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  socket.on('close', (code) => (closed = code)).on('error', () => undefined);
  return { socket, frames, closed: () => closed };
}

type Opened = ReturnType<typeof open>;

async function openedWith(path: string, bearer: string): Promise<Opened> {
  const opened = open(path, bearer);
  await waitFor(() => opened.socket.readyState === WebSocket.OPEN, { describe: 'the socket' });
  return opened;
}

/** What the gateway says to another token. */
async function refresh({ socket, frames }: Opened, next: string): Promise<unknown> {
  const controls = () => frames.filter(({ control }) => control !== undefined);
  const before = controls().length;
  socket.send(JSON.stringify({ action: 'refresh', token: next }));
  await waitFor(() => controls().length > before, { describe: 'an answer' });
  return controls().at(-1)!['control'];
}

const PATHS = ['/v1/runs/r1/stream', '/v1/stream'];

describe('A token', () => {
  it('opens what its scopes and its tenant allow', async () => {
    const get = async (path: string, bearer: string) =>
      (await fetch(under.url + path, { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect(await get('/v1/runs/r1', await token(60))).toBe(200);
    expect(await get('/v1/runs/r1', await token(60, { tenant: 'rival' }))).toBe(404);
    expect(await get('/v1/runs/r1', await token(60, { scope: 'ingest' }))).toBe(403);
    expect(await get('/v1/runs/r1', await token(-60))).toBe(401);
  });

  it('that expires closes the sockets and ends the SSE streams that it, or a ticket of it, has opened', async () => {
    const bearer = await token(SOON);
    const opened = PATHS.map((path) => open(path, bearer));
    const { body } = await under.send('POST', '/v1/tickets', { run: 'r1' }, bearer);
    const streams = await Promise.all([
      under.open('GET', '/v1/runs/r1/stream', undefined, bearer),
      fetch(`${under.url}/v1/runs/r1/stream?ticket=${body['ticket'] as string}`),
    ]);
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    // Both texts end: the run does not.
    for (const stream of streams) expect(await stream.text()).not.toContain('event: end');
    await waitFor(() => opened.every(({ closed }) => closed() !== undefined), { describe: 'the sockets to be closed' });
    expect(opened.map(({ closed }) => closed())).toEqual(PATHS.map(() => CLOSE_CODES.expired.code));
  });

  it.each(PATHS)(
    'is not refreshed at %s by one of another caller or of other rights, nor by what is none',
    async (path) => {
      const opened = await openedWith(path, await token(60));
      for (const other of [
        await token(60, { sub: 'somebody else' }),
        await token(60, { tenant: 'rival' }),
        await token(60, { scope: 'ingest' }),
        await token(60, { agents: ['a'] }),
        await token(-60),
        'a.b.c',
        'acme-key',
        '',
      ]) {
        expect(await refresh(opened, other)).toBe('refused');
      }
      expect(opened.closed()).toBeUndefined();
    },
  );

  it('is refreshed in place by one of the same caller, and the socket outlives it', async () => {
    const soon = await token(SOON);
    const all = await Promise.all(PATHS.map((path) => openedWith(path, soon)));
    for (const opened of all) expect(await refresh(opened, await token(60))).toBe('refreshed');
    const later = open('/v1/stream', await token(SOON + 1));
    await waitFor(() => later.closed() !== undefined, { describe: 'one that ends later to expire' });
    expect(all.map(({ closed }) => closed())).toEqual(all.map(() => undefined));
  });
});
