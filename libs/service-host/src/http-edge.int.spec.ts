import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { closeApps, collect, dial, exchange, expectProblem, startApp } from './testing/app-under-test.ts';

let url: string;
beforeAll(async () => ({ url } = await startApp()));
afterAll(closeApps);

describe('addresses', () => {
  it('takes ids of 128 bytes that are percent-encoded throughout', async () => {
    const id = '%2F%3F'.repeat(64);
    const response = await fetch(`${url}/things/${id}`);
    expect(await response.json()).toEqual({ id: '/?'.repeat(64) });
  });

  it('hands %00 and an encoded slash to the route as characters of the id', async () => {
    const response = await fetch(`${url}/things/a%00b%2Fc`);
    expect(await response.json()).toEqual({ id: 'a\u0000b/c' });
  });

  it.each([
    ['a broken percent sign', '/things/%zz', 400, 'invalid_request'],
    ['invalid UTF-8', '/things/%ff%fe', 400, 'invalid_request'],
    ['a part beyond any id', `/things/${'x'.repeat(600)}`, 414, 'uri_too_long'],
    ['an unknown path', '/nowhere?x=1', 404, 'not_found'],
    ['an empty id', '/things/', 404, 'not_found'],
  ])('answers %s with problem details', async (_name, path, status, code) => {
    await expectProblem(await fetch(url + path), status, code);
  });

  it('answers a known path with another method with 405 and what it takes', async () => {
    const response = await fetch(`${url}/things/1`, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    await expectProblem(response, 405, 'method_not_allowed');
  });

  it('answers OPTIONS with what the address takes, and HEAD as GET without a body', async () => {
    const options = await fetch(`${url}/echo`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    const head = await fetch(`${url}/things/1`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it.each(['GET *things HTTP/1.1', 'OPTIONS * HTTP/1.1'])(
    'answers the odd request line "%s" with 404',
    async (line) => {
      expect(await exchange(url, `${line}\r\nhost: x\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 404 /);
    },
  );
});

describe('request lines', () => {
  it('never cause a fault of ours, whatever they hold', async () => {
    const target = fc.string({ unit: fc.constantFrom(...'/things:*%20ffzz?#;=&.\\@[]{}é'.split('')), maxLength: 24 });
    const method = fc.constantFrom(
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'DELETE',
      'OPTIONS',
      'PATCH',
      'PROPFIND',
      'TRACE',
      'get',
    );
    await fc.assert(
      fc.asyncProperty(method, target, async (name, path) => {
        const answer = await exchange(url, `${name} /${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 [24]\d\d /);
      }),
      { numRuns: 300 },
    );
  });
});

describe('broken and slow clients', () => {
  it('answers huge headers with 431 and noise with 400', async () => {
    const huge = await exchange(url, `GET / HTTP/1.1\r\nhost: x\r\nx-huge: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(huge).toMatch(/^HTTP\/1\.1 431 [^]*"code":"headers_too_large"/);
    const noise = await exchange(url, '\u0016\u0003\u0001 not http\r\n\r\n');
    expect(noise).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
  });

  it('gives up on headers that arrive a byte at a time, however steadily', async () => {
    const slow = await startApp({ requestTimeoutMs: 300 });
    const socket = await dial(slow.url);
    const answer = collect(socket);
    const bytes = `GET /things/x HTTP/1.1\r\nhost: x\r\nx-slow: ${'x'.repeat(2_000)}`;
    let sent = 0;
    const drip = setInterval(() => socket.writable && socket.write(bytes[sent++]!), 10);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
    clearInterval(drip);
    expect(sent).toBeLessThan(bytes.length);
  });

  it('closes a connection on which nothing is said', async () => {
    const quiet = await startApp({ idleTimeoutMs: 1_000 });
    const began = collect(await dial(quiet.url));
    expect(await began).toBe('');
    // Control: it was open for as long as something was said.
    expect(await exchange(quiet.url, 'GET /things/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
      / 200 /,
    );
  });

  it('gives up on a body that does not arrive', async () => {
    const slow = await startApp({ requestTimeoutMs: 200 });
    const head = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\n12';
    expect(await exchange(slow.url, head)).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
  });
});
