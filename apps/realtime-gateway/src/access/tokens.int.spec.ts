import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { tokenLookup } from '@runcast/service-host';
import { waitFor } from '@runcast/test-harness';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '../stream/close-codes.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
let privateKey: CryptoKey;
const folder = mkdtempSync(join(tmpdir(), 'runcast-jwks-'));
const sockets: WebSocket[] = [];
beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  ({ privateKey } = pair);
  const jwks = join(folder, 'jwks.json');
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] }));
  under = await GatewayUnderTest.start();
  const settings = { jwks, issuer: 'i', audience: 'a', tenantClaim: 'tenant', scopesClaim: 'scope' };
  under.tokens = await tokenLookup(settings);
  await under.tell('r1', 'run.started');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await under.close();
  rmSync(folder, { recursive: true });
});

/** A leeway of 30 s is granted: a token that ends 28 s ago is good for two more. */
const SOON = -28;

function token(seconds: number, claims: Record<string, unknown> = {}, subject = 'u'): Promise<string> {
  return new SignJWT({ tenant: 'acme', scope: 'read', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer('i')
    .setAudience('a')
    .setSubject(subject)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(privateKey);
}

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

  it.each(PATHS)('that expires closes the socket it opened at %s', async (path) => {
    const { closed } = open(path, await token(SOON));
    await waitFor(() => closed() !== undefined, { timeoutMs: 6_000, describe: 'the socket to be closed' });
    expect(closed()).toBe(CLOSE_CODES.expired.code);
  });

  it('that expires ends an SSE stream, and what a ticket of it has opened', async () => {
    const bearer = await token(SOON);
    const { body } = await under.send('POST', '/v1/tickets', { run: 'r1' }, bearer);
    const streams = await Promise.all([
      under.open('GET', '/v1/runs/r1/stream', undefined, bearer),
      fetch(`${under.url}/v1/runs/r1/stream?ticket=${body['ticket'] as string}`),
    ]);
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    // Both texts end: the run does not.
    for (const stream of streams) expect(await stream.text()).not.toContain('event: end');
  });

  it.each(PATHS)('is refreshed in place at %s, by one of the same caller only', async (path) => {
    const { socket, frames, closed } = open(path, await token(SOON));
    await waitFor(() => socket.readyState === WebSocket.OPEN, { describe: 'the socket' });
    const refresh = async (next: string): Promise<unknown> => {
      const before = frames.filter(({ control }) => control !== undefined).length;
      socket.send(JSON.stringify({ action: 'refresh', token: next }));
      const controls = () => frames.filter(({ control }) => control !== undefined);
      await waitFor(() => controls().length > before, { describe: 'an answer' });
      return controls().at(-1)!['control'];
    };
    for (const other of [
      await token(60, {}, 'somebody else'),
      await token(60, { tenant: 'rival' }),
      await token(60, { scope: 'ingest' }),
      await token(60, { agents: ['a'] }),
      await token(-60),
      'a.b.c',
      'acme-key',
      '',
    ]) {
      expect(await refresh(other)).toBe('refused');
    }
    expect(await refresh(await token(60))).toBe('refreshed');
    const first = open('/v1/stream', await token(SOON + 1));
    await waitFor(() => first.closed() !== undefined, { timeoutMs: 6_000, describe: 'the later one to expire' });
    expect(closed()).toBeUndefined();
  });
});
