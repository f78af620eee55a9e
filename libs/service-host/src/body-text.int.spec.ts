import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  closeApps,
  collect,
  dial,
  exchange,
  expectProblem,
  post,
  startApp,
  type AppUnderTest,
} from './testing/app-under-test.ts';

let app: AppUnderTest;
let url: string;
beforeAll(async () => {
  app = await startApp();
  url = app.url;
});
afterAll(closeApps);

describe('bodies', () => {
  it('hands on the exact text, whatever JSON it is', async () => {
    const text = '{ "__proto__": {"constructor": 1}, "n": 12345678901234567890 }\n';
    expect(await (await post(`${url}/echo`, text)).json()).toEqual({ body: text });
  });

  it('refuses bytes that are not UTF-8', async () => {
    await expectProblem(await post(`${url}/echo`, Uint8Array.of(0x22, 0xff, 0x22)), 400, 'invalid_request');
  });

  it('refuses compressed bodies', async () => {
    const response = await post(`${url}/echo`, new Uint8Array(gzipSync('{}')), { 'content-encoding': 'gzip' });
    await expectProblem(response, 415, 'unsupported_media_type');
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
    'refuses the content type %s',
    async (type) => {
      await expectProblem(await post(`${url}/echo`, 'a=b', { 'content-type': type }), 415, 'unsupported_media_type');
    },
  );

  it('refuses a body without a content type', async () => {
    const request = 'POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}';
    expect(await exchange(url, request)).toMatch(/^HTTP\/1\.1 415 /);
  });

  it('refuses 2 MB, announced or not', async () => {
    await expectProblem(await post(`${url}/echo`, 'x'.repeat(2_000_000)), 413, 'payload_too_large');
    const chunk = 'x'.repeat(0xfff0);
    const answer = await exchange(
      url,
      `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n` +
        `${`fff0\r\n${chunk}\r\n`.repeat(2)}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('lets a route have its own limit', async () => {
    const headers = { 'x-api-key': 'good' };
    expect((await post(`${url}/guarded`, 'x'.repeat(150_000), headers)).status).toBe(201);
    await expectProblem(await post(`${url}/guarded`, 'x'.repeat(250_000), headers), 413, 'payload_too_large');
  });

  it('survives a client that goes away in the middle of its body', async () => {
    const socket = await dial(url);
    const gone = collect(socket);
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nhalf');
    socket.resetAndDestroy();
    await gone;
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(app.logged.join('')).not.toContain('"level":"error"');
  });
});
