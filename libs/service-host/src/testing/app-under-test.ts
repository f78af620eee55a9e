import { connect, type Socket } from 'node:net';
import { expect } from '@jest/globals';
import { Controller, Get, HttpCode, Module, NotFoundException, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Open, principalOf, Requires } from '../access.ts';
import { Readiness } from '../health.ts';
import { createHttpApp, type HttpApp } from '../http-app.ts';
import { createLogger } from '../logger.ts';
import { Problem } from '../problem.ts';

@Controller()
class EchoController {
  @Get('things/:id')
  @Open()
  thing(@Param('id') id: string) {
    return { id };
  }

  @Post('echo')
  @HttpCode(200)
  @Open()
  echo(@Req() request: FastifyRequest) {
    return { body: request.body ?? null };
  }

  @Post('guarded')
  @Requires('ingest', { bodyLimitBytes: 200_000 })
  guarded(@Req() request: FastifyRequest) {
    return { tenant: principalOf(request).tenant, length: String(request.body).length };
  }

  @Get('watched')
  @Requires('read', { keyInQuery: true })
  watched(@Req() request: FastifyRequest) {
    return { keyId: principalOf(request).keyId };
  }

  @Get('failing/:how')
  @Open()
  failing(@Param('how') how: string): never {
    if (how === 'nest') throw new NotFoundException('no such run');
    if (how === 'problem') throw new Problem('overloaded', { detail: 'full', retryAfterSeconds: 1.2 });
    throw new Error('password=hunter2 in a query');
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const PRINCIPALS = new Map([
  ['good', { tenant: 'acme', keyId: 'k1', scopes: ['ingest'] }],
  ['reader', { tenant: 'acme', keyId: 'k2', scopes: ['read'] }],
]);

export interface AppUnderTest {
  readonly app: HttpApp;
  readonly url: string;
  readonly readiness: Readiness;
  /** Every line that was logged so far. */
  readonly logged: readonly string[];
}

const open: HttpApp[] = [];

export async function startApp(
  settings: { requestTimeoutMs?: number; idleTimeoutMs?: number } = {},
): Promise<AppUnderTest> {
  const logged: string[] = [];
  const readiness = new Readiness();
  const destination = { write: (line: string) => void logged.push(line) };
  const app = await createHttpApp(EchoModule, {
    service: 'spec',
    version: '1.2.3',
    logger: createLogger({ service: 'spec', level: 'debug', destination }),
    readiness,
    lookupKey: (key) => PRINCIPALS.get(key),
    ...settings,
  });
  open.push(app);
  return { app, readiness, logged, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** Closes every app that the spec file started, also those of specs that failed. */
export async function closeApps(): Promise<void> {
  for (const app of open.splice(0)) await app.close();
}

/** Sends bytes as they are and resolves with everything that comes back until the connection closes. */
export async function exchange(base: string, bytes: string): Promise<string> {
  const socket = await dial(base);
  const answer = collect(socket);
  socket.write(bytes);
  return answer;
}

export function dial(base: string): Promise<Socket> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket)).once('error', reject);
  });
}

export function collect(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => {}).on('close', () => resolve(text));
  });
}

export async function expectProblem(response: Response, status: number, code: string) {
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, code: body['code'] }).toEqual({ status, code });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    type: `/docs/errors#${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(body['request_id']).toBe(response.headers.get('x-request-id'));
  return body;
}

export function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}
