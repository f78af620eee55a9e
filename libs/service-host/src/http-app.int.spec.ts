import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeApps, collect, dial, expectProblem, startApp, type AppUnderTest } from './testing/app-under-test.ts';

let app: AppUnderTest;
let url: string;
beforeAll(async () => {
  app = await startApp();
  url = app.url;
});
afterAll(closeApps);

describe('errors', () => {
  it('answers the unknown with 500 that tells nothing, and logs it under the same request_id', async () => {
    const body = await expectProblem(await fetch(`${url}/failing/hard?ticket=t0ps3cret`), 500, 'internal');
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const line = app.logged.find((entry) => entry.includes(String(body['request_id'])));
    expect(line).toContain('password=[redacted:assignment] in a query');
    expect(line).not.toContain('t0ps3cret');
  });

  it('answers Nest errors and problems, with Retry-After in whole seconds', async () => {
    await expectProblem(await fetch(`${url}/failing/nest`), 404, 'not_found');
    const problem = await fetch(`${url}/failing/problem`);
    expect(problem.headers.get('retry-after')).toBe('2');
    await expectProblem(problem, 503, 'overloaded');
  });

  it('takes no request id from outside', async () => {
    const response = await fetch(`${url}/things/1`, { headers: { 'x-request-id': 'mine', 'request-id': 'mine' } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('health', () => {
  it('is ready, names the dependency that is missing, and is ready again', async () => {
    let logIsUp = true;
    app.readiness.add('log', () => ({ ready: logIsUp, ...(!logIsUp && { detail: 'not connected' }) }));
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    logIsUp = false;
    const missing = await fetch(`${url}/health/ready`);
    expect(missing.status).toBe(503);
    expect(await missing.json()).toEqual({
      service: 'spec',
      status: 'not_ready',
      checks: [{ name: 'log', ready: false, detail: 'not connected' }],
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    logIsUp = true;
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('says which version runs', async () => {
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ service: 'spec', version: '1.2.3' });
  });

  it('tells kept-alive clients to leave once it is draining', async () => {
    const other = await startApp();
    expect((await fetch(`${other.url}/things/1`)).headers.get('connection')).toBe('keep-alive');
    other.readiness.startDraining();
    expect((await fetch(`${other.url}/things/1`)).headers.get('connection')).toBe('close');
    expect(await (await fetch(`${other.url}/health/ready`)).json()).toMatchObject({ status: 'draining' });
  });

  it('answers the request under way before it has closed, and takes no other', async () => {
    const closing = await startApp();
    const socket = await dial(closing.url);
    const answer = collect(socket);
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nab');
    await fetch(`${closing.url}/health/live`);
    const closed = closing.app.close();
    socket.write('cd');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 [^]*"abcd"/);
    await closed;
    await expect(fetch(`${closing.url}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('does not wait for connections on which nothing was ever asked', async () => {
    const other = await startApp();
    const { hostname, port } = new URL(other.url);
    const speculative = connect({ host: hostname, port: Number(port) });
    await new Promise((resolve) => speculative.once('connect', resolve));
    const cut = new Promise((resolve) => speculative.once('close', resolve));
    // Without it the shutdown takes as long as a slow request may: half a minute.
    const begun = performance.now();
    await other.app.close();
    await cut;
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
