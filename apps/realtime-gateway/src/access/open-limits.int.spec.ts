import { get } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { MAX_SUBSCRIPTIONS } from '../stream/shared-socket.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function gateway(settings: Record<string, string>): Promise<GatewayUnderTest> {
  const under = await GatewayUnderTest.start({ settings });
  closings.push(() => under.close());
  return under;
}

interface Opened {
  readonly status: number;
  readonly retryAfter: string | null | undefined;
  readonly code: unknown;
  close(): void;
}

/** A stream of a run that nobody has heard of yet: it stays open. */
async function openSse(under: GatewayUnderTest, key: string): Promise<Opened> {
  const leaving = new AbortController();
  const url = `${under.url}/v1/runs/to-come/stream`;
  const response = await fetch(url, { headers: { 'x-api-key': key }, signal: leaving.signal });
  const close = (): void => leaving.abort();
  closings.push(close);
  const refused = response.status !== 200;
  const { code } = refused ? ((await response.json()) as { code?: string }) : {};
  return { status: response.status, retryAfter: response.headers.get('retry-after'), code, close };
}

async function openSocket(
  under: GatewayUnderTest,
  key: string,
  path = '/v1/runs/to-come/stream',
): Promise<Opened & { socket: WebSocket }> {
  const socket = new WebSocket(under.url.replace('http', 'ws') + path, { headers: { 'x-api-key': key } });
  const close = (): void => socket.terminate();
  closings.push(close);
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('open', () => resolve({ status: 101, retryAfter: undefined, code: undefined, close, socket }));
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        const { code } = JSON.parse(text) as { code: string };
        resolve({ status: response.statusCode!, retryAfter: response.headers['retry-after'], code, close, socket });
      });
    });
  });
}

const WAYS = [openSse, openSocket] as const;

describe('What is open at a time, over both transports together', () => {
  it('is bounded for a key, for a tenant and for the replica, and each that ends makes room', async () => {
    const under = await gateway({
      RUNCAST_MAX_OPEN: '6',
      RUNCAST_MAX_OPEN_PER_TENANT: '4',
      RUNCAST_MAX_OPEN_PER_KEY: '2',
    });
    const make = async (tenant: string) => (await under.createKey({ tenant })).key;
    const [first, second, third, rival] = [
      await make('acme'),
      await make('acme'),
      await make('acme'),
      await make('rival'),
    ];
    const taken = [await openSse(under, first), await openSocket(under, first)];
    expect(taken.map(({ status }) => status)).toEqual([200, 101]);
    const refused = { status: 429, code: 'rate_limited', retryAfter: '2' };
    for (const open of WAYS) expect(await open(under, first)).toMatchObject(refused);
    for (const open of WAYS) expect((await open(under, second)).status).toBeLessThan(300);
    for (const open of WAYS) expect(await open(under, third)).toMatchObject(refused);
    for (const open of WAYS) expect((await open(under, rival)).status).toBeLessThan(300);
    const full = { status: 503, code: 'overloaded', retryAfter: '2' };
    for (const open of WAYS) expect(await open(under, await make('somebody'))).toMatchObject(full);
    for (const one of taken) one.close();
    for (const open of WAYS) {
      await waitFor(async () => (await open(under, third)).status < 300, { describe: 'room' });
    }
  });

  it('is bounded for an address', async () => {
    const under = await gateway({ RUNCAST_MAX_OPEN_PER_ADDRESS: '2' });
    for (const open of WAYS) expect((await open(under, 'acme-key')).status).toBeLessThan(300);
    for (const open of WAYS) expect(await open(under, 'rival-key')).toMatchObject({ status: 429, retryAfter: '2' });
  });

  it('is bounded on one WebSocket: so many feeds, so long a message, nothing compressed', async () => {
    const under = await gateway({});
    const { socket } = await openSocket(under, 'acme-key', '/v1/stream');
    expect(socket.extensions).toBe('');
    const refusals: string[] = [];
    socket.on('message', (data: Buffer) => {
      if (data.toString().includes('"refused"')) refusals.push(data.toString());
    });
    for (let feed = 0; feed <= MAX_SUBSCRIPTIONS; feed += 1) {
      socket.send(JSON.stringify({ action: 'subscribe', subscription: `s${feed}`, run: `to-come-${feed}` }));
    }
    await waitFor(() => refusals.length > 0, { describe: 'the last to be refused' });
    expect(refusals).toHaveLength(1);
    expect(JSON.parse(refusals[0]!)).toMatchObject({ subscription: `s${MAX_SUBSCRIPTIONS}`, control: 'refused' });
    const closed = once(socket, 'close');
    socket.send(JSON.stringify({ action: 'ping', padding: 'x'.repeat(16 * 1024) }));
    expect((await closed)[0]).toBe(1009);
  });
});

describe('An upgrade that is none', () => {
  const HANDSHAKE = { 'sec-websocket-version': '13', 'sec-websocket-key': `${'A'.repeat(22)}==` };
  const watched = async (under: GatewayUnderTest): Promise<string> =>
    /^runcast_watched_topics\{kind="run"\} (\d+)$/m.exec(await under.metrics[0]!.registry.metrics())?.[1] ?? 'none';

  const WRONG: readonly Record<string, string>[] = [
    { 'sec-websocket-protocol': 'runcast, runcast.ticket.a b' },
    { 'sec-websocket-key': 'short' },
    { 'sec-websocket-version': '99' },
  ];

  function ask(under: GatewayUnderTest, wrong: Record<string, string>) {
    const headers = { 'x-api-key': 'acme-key', connection: 'Upgrade', upgrade: 'websocket', ...HANDSHAKE, ...wrong };
    return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      get(`${under.url}/v1/runs/to-come/stream`, { headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      }).on('error', reject);
    });
  }

  it('is told so as a problem, and holds no feed', async () => {
    const under = await gateway({});
    for (const wrong of WRONG) {
      const { status, text } = await ask(under, wrong);
      expect([status, JSON.parse(text)]).toMatchObject([400, { code: 'invalid_request' }]);
    }
    // Control: the feed had been opened for it.
    expect(await watched(under)).toBe('1');
    await waitFor(async () => (await watched(under)) === '0', { describe: 'the feed to be let go' });
  });
});

describe('New connections of an address', () => {
  it('beyond so many a second are closed unread', async () => {
    const under = await gateway({ RUNCAST_NEW_CONNECTIONS_PER_SECOND: '5' });
    const { hostname, port } = new URL(under.url);
    const began = performance.now();
    const answered = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const socket = connect(Number(port), hostname);
        let text = '';
        socket.on('data', (chunk) => (text += chunk.toString())).on('error', () => undefined);
        socket.write('GET /version HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
        await once(socket, 'close').catch(() => undefined);
        return text !== '';
      }),
    );
    const passed = answered.filter(Boolean).length;
    expect(passed).toBeGreaterThan(0);
    // A second's worth, and what was allowed while they came.
    expect(passed).toBeLessThanOrEqual(5 * (1 + Math.ceil((performance.now() - began) / 1_000)));
    expect(passed).toBeLessThan(40);
  });
});

describe('Every answer to a limited key', () => {
  it('says where it stands, and a refusal when to come again', async () => {
    const under = await gateway({ RUNCAST_KEY_REQUESTS_PER_MINUTE: '6' });
    const { key } = await under.createKey({ tenant: 'rated' });
    const ask = () => under.open('GET', '/v1/runs', undefined, key);
    const first = await ask();
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-limit')).toBe('6, 6;w=60');
    expect(Number(first.headers.get('ratelimit-remaining'))).toBeLessThan(6);
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const { headers } of refused) {
      expect(headers.get('ratelimit-remaining')).toBe('0');
      expect(headers.get('retry-after')).toBe(headers.get('ratelimit-reset'));
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const stream = await openSse(under, key);
    expect(stream).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((await under.open('GET', '/v1/runs', undefined, 'acme-key')).status).toBe(200);
  });

  it('that comes compressed is refused before it is unpacked', async () => {
    const under = await gateway({});
    const more = { headers: { 'content-encoding': 'gzip' } };
    expect((await under.open('POST', '/v1/tickets', '\u001f\u008b', 'acme-key', more)).status).toBe(415);
  });
});
