import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Problem } from '@runcast/service-host';
import fastify, { type FastifyInstance } from 'fastify';
import { CONSOLE_PAGES, serveConsole } from './console-files.ts';

let folder: string;
let app: FastifyInstance;
const bare: FastifyInstance[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runcast-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>the page</p>');
  writeFileSync(join(folder, 'secret'), 'not an asset');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'plain');
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), 'compressed');
  app = fastify();
  app.setErrorHandler((error: Problem, _request, reply) => reply.code(error.status).send(error.message));
  serveConsole(app, folder);
  await app.ready();
});
afterAll(async () => {
  await Promise.all([app, ...bare].map((each) => each.close()));
  rmSync(folder, { recursive: true });
});

describe('the console', () => {
  it.each(CONSOLE_PAGES)(
    'is the same page at %s, never kept without asking, with nothing from elsewhere',
    async (page) => {
      const { statusCode, headers, body } = await app.inject(page.replace(':run', 'a%2Fb').replace(':session', 's'));
      expect([statusCode, body]).toEqual([200, '<p>the page</p>']);
      expect(headers['cache-control']).toBe('no-cache');
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|https?:/);
    },
  );

  it('gives an asset for ever, compressed for who takes that', async () => {
    const url = '/assets/index-abc.js';
    const plain = await app.inject(url);
    expect([plain.statusCode, plain.body]).toEqual([200, 'plain']);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-type']).toContain('javascript');
    const small = await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } });
    expect([small.body, small.headers['content-encoding']]).toEqual(['compressed', 'br']);
    expect(small.headers['content-type']).toContain('javascript');
  });

  it.each(['none.js', '..%2Fsecret', '..%2findex.html', '%00', 'index-abc.js%2f..%2f..%2fsecret'])(
    'gives nothing at /assets/%s',
    async (file) => expect((await app.inject(`/assets/${file}`)).statusCode).toBe(404),
  );

  it('says so where it has not been built', async () => {
    const without = fastify();
    bare.push(without);
    serveConsole(without, join(folder, 'assets'));
    const { body } = await without.inject('/');
    expect(body).toContain('built without the console');
  });
});
