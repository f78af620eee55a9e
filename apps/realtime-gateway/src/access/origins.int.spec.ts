import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

const APP = 'https://app.example.com';
let under: GatewayUnderTest;
beforeAll(async () => {
  under = await GatewayUnderTest.start({ settings: { RUNCAST_ALLOWED_ORIGINS: `${APP}, https://other.example.com` } });
  await under.tell('r1', 'run.started');
});
afterAll(() => under.close());

/** 101 for an upgrade, else the status of the refusal. */
async function upgrade(path: string, origin: string | undefined): Promise<number> {
  const socket = new WebSocket(under.url.replace('http', 'ws') + path, { headers: { ...(origin && { origin }) } });
  let status: number | undefined;
  socket.on('open', () => (status = 101)).on('error', () => undefined);
  socket.on('unexpected-response', (request, response) => {
    status = response.statusCode;
    request.destroy();
  });
  await waitFor(() => status !== undefined, { describe: 'an answer' });
  socket.terminate();
  return status!;
}

const FOREIGN = ['https://evil.example.com', 'null', 'http://app.example.com', `${APP}.evil.com`, `${APP}:444`, 'x'];
const SOCKETS = ['/v1/stream', '/v1/runs/r1/stream', '/v1/sessions/s/stream', '/session/s', '/ws/s', '/ws/-/r1'];

describe('The origin of a page', () => {
  it.each(SOCKETS)('decides who may connect to %s', async (path) => {
    const withKey = `${path}?x-api-key=acme-key`;
    for (const origin of [undefined, APP, under.url])
      expect([origin, await upgrade(withKey, origin)]).toEqual([origin, 101]);
    for (const origin of FOREIGN) expect([origin, await upgrade(withKey, origin)]).toEqual([origin, 403]);
  });

  it('costs a foreign page no ticket of ours', async () => {
    const { body } = await under.send('POST', '/v1/tickets', { run: 'r1' });
    const path = `/v1/runs/r1/stream?ticket=${body['ticket'] as string}`;
    expect(await upgrade(path, FOREIGN[0])).toBe(403);
    expect(await upgrade(path, APP)).toBe(101);
  });

  it.each(['/v1/runs', '/v1/runs/r1/stream'])(
    'is allowed to read %s or is not, and cookies mean nothing',
    async (path) => {
      const ask = async (origin: string) => {
        const response = await fetch(under.url + path, { headers: { origin, 'x-api-key': 'acme-key' } });
        await response.body?.cancel();
        return response.headers;
      };
      const allowed = await ask(APP);
      expect(allowed.get('access-control-allow-origin')).toBe(APP);
      expect(allowed.get('vary')).toContain('origin');
      expect(allowed.get('access-control-allow-credentials')).toBeNull();
      for (const origin of FOREIGN) expect((await ask(origin)).get('access-control-allow-origin')).toBeNull();
    },
  );

  it.each(['/v1/runs', '/v1/runs/r1/stream', '/v1/nothing'])(
    'decides about %s even when a program asks, so that no cache keeps its answer for a page',
    async (path) => {
      const response = await fetch(under.url + path, { headers: { 'x-api-key': 'acme-key' } });
      await response.body?.cancel();
      expect(response.headers.get('vary')).toBe('origin');
    },
  );

  it('is asked for before a request that is not simple', async () => {
    const preflight = (origin: string) =>
      fetch(`${under.url}/v1/tickets`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const allowed = await preflight(APP);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(APP);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    for (const origin of FOREIGN) {
      const refused = await preflight(origin);
      expect([origin, refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([origin, 403, null]);
    }
  });
});
