import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Readiness } from './health.ts';
import { createHttpApp } from './http-app.ts';
import { createLogger } from './logger.ts';
import { closeApps, collect, dial, expectProblem, post, startApp } from './testing/app-under-test.ts';

let url: string;
beforeAll(async () => ({ url } = await startApp()));
afterAll(closeApps);

describe('keys', () => {
  it('refuses a stranger before reading the body', async () => {
    // The body never comes: only a check that does not wait for it can answer.
    const socket = await dial(url);
    const answer = collect(socket);
    socket.write(
      'POST /guarded HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\n',
    );
    socket.once('data', () => socket.end());
    expect(await answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('says how to authenticate, and whether the key was unknown', async () => {
    const without = await post(`${url}/guarded`, '{}');
    expect(without.headers.get('www-authenticate')).toBe('Bearer realm="runcast"');
    await expectProblem(without, 401, 'unauthenticated');
    const unknown = await post(`${url}/guarded`, '{}', { authorization: 'Bearer nope' });
    expect(unknown.headers.get('www-authenticate')).toContain('invalid_token');
    await expectProblem(unknown, 401, 'unauthenticated');
  });

  it('refuses a key without the scope and takes one that has it', async () => {
    await expectProblem(await post(`${url}/guarded`, '{}', { 'x-api-key': 'reader' }), 403, 'forbidden');
    const taken = await post(`${url}/guarded`, '{}', { authorization: 'bearer good' });
    expect(await taken.json()).toEqual({ tenant: 'acme', length: 2 });
  });

  it('takes the key from the query only where a route allows it', async () => {
    expect(await (await fetch(`${url}/watched?x-api-key=reader`)).json()).toEqual({ keyId: 'k2' });
    await expectProblem(await fetch(`${url}/watched?x-api-key=reader&x-api-key=reader`), 401, 'unauthenticated');
    await expectProblem(await post(`${url}/guarded?x-api-key=good`, '{}'), 401, 'unauthenticated');
  });

  it('does not start with a route that says nothing about access', async () => {
    @Controller()
    class ForgetfulController {
      @Get('secret')
      secret() {
        return {};
      }
    }
    @Module({ controllers: [ForgetfulController] })
    class ForgetfulModule {}
    const logger = createLogger({ service: 'x', level: 'silent' });
    const starting = createHttpApp(ForgetfulModule, { service: 'x', version: '1', logger, readiness: new Readiness() });
    await expect(starting).rejects.toThrow('GET /secret declares neither @Requires() nor @Open()');
  });
});
