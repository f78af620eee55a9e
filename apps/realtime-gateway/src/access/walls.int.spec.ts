import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeys } from '@runcast/read-models';
import type { GuardedRoute } from '@runcast/service-host';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import type { Feeds } from '../stream/feeds.ts';
import { socketRoutes } from '../stream/socket-routes.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';
import { workflowSocket, type WorkflowSocketParts } from '../vendors/lyzr-workflow/workflow-socket.ts';

/** What each route must demand. A route that is served and stands not here fails: whoever adds one decides it here. */
const DEMANDS: Readonly<Record<string, string>> = {
  'GET /': 'open',
  'GET /agents': 'open',
  'GET /assets/:file': 'open',
  'GET /inbox': 'open',
  'GET /runs/:run': 'open',
  'GET /sessions': 'open',
  'GET /sessions/:session': 'open',
  'GET /health/live': 'open',
  'GET /docs': 'open',
  'GET /docs-json': 'open',
  'GET /docs/begin.js': 'open',
  'GET /docs/swagger-ui-bundle.js': 'open',
  'GET /docs/swagger-ui.css': 'open',
  'GET /health/ready': 'open',
  'GET /version': 'open',
  'GET /v1/keys': 'admin',
  'POST /v1/keys': 'admin',
  'DELETE /v1/keys/:key': 'admin',
  'POST /v1/erasures': 'admin',
  'GET /v1/erasures/:erasure': 'admin',
  'GET /v1/holds': 'admin',
  'PUT /v1/runs/:run/hold': 'admin',
  'DELETE /v1/runs/:run/hold': 'admin',
  'PUT /v1/sessions/:session/hold': 'admin',
  'DELETE /v1/sessions/:session/hold': 'admin',
  'GET /v1/audit': 'admin',
  'GET /v1/runs/:run/export': 'read',
  'GET /v1/sessions/:session/export': 'read',
  'POST /v1/tickets': 'read',
  'GET /v1/agents': 'read',
  'GET /v1/clock': 'read',
  'GET /v1/run-changes': 'read',
  'GET /v1/run-counts': 'read',
  'GET /v1/runs': 'read',
  'GET /v1/runs/:run': 'read',
  'GET /v1/runs/:run/events': 'read',
  'GET /v1/runs/:run/events.ndjson': 'read',
  'GET /v1/runs/:run/input': 'read',
  'POST /v1/runs/:run/input': 'invoke',
  'GET /v1/runs/:run/stream': 'read',
  'GET /v1/sessions': 'read',
  'GET /v1/sessions/:session': 'read',
  'GET /v1/sessions/:session/events': 'read',
  'GET /v1/sessions/:session/stream': 'read',
  'POST /v1/agents/:agent/ag-ui': 'invoke',
  'POST /api/v2/agents/:agentId/stream': 'invoke',
  'POST /api/v1/sessions/:id/cancel': 'invoke',
  'GET /api/v1/sessions/:executionId/live': 'read',
  'POST /v3/inference/chat': 'invoke',
  'POST /v3/inference/stream': 'invoke',
  'POST /run-dag': 'invoke',
  'GET /task-status/:taskId': 'read',
  'GET /v2/agents/:agentKey/sessions/:sessionKey/events': 'read',
  'POST /v2/agents/:agentKey/sessions/:sessionKey/events': 'invoke',
  'GET /v2/agents/:agentKey/sessions/:sessionKey/events/:eventId': 'read',
  'DELETE /v2/agents/:agentKey/sessions/:sessionKey/events/:eventId': 'invoke',
  'POST /v2/agents/:agentKey/sessions/:sessionKey/events/:eventId/hide': 'invoke',
  'POST /v2/agents/:agentKey/sessions/:sessionKey/events/:eventId/unhide': 'invoke',
  'DELETE /v2/agents/:agentKey/sessions/:sessionKey': 'invoke',
};

/** Stands in every event of acme, and in nothing else. */
const CANARY = 'canary-of-acme';
/** One word for every parameter: both tenants use it for a run, a session, an agent and an event. */
const SAME = 'same';
const SOCKETS = socketRoutes({} as Feeds, workflowSocket({} as WorkflowSocketParts)).map(({ pattern }) => pattern);

let under: GatewayUnderTest;
const keys: Record<string, string> = {};
beforeAll(async () => {
  under = await GatewayUnderTest.start();
  for (const [tenant, message] of [
    ['acme', CANARY],
    ['rival', 'of the rival'],
  ] as const) {
    const names = { tenant, session: SAME, agent: SAME };
    await under.tell(SAME, 'run.started', { message }, names);
    await under.tell(SAME, 'run.completed', { output: message }, names);
  }
  const scopes = ['ingest', 'read', 'invoke', 'admin'];
  keys['rival'] = (await under.createKey({ tenant: 'rival', scopes })).key;
  keys['limited'] = (await under.createKey({ scopes, agents: ['somebody-else'] })).key;
  for (const scope of scopes) {
    keys[`without ${scope}`] = (await under.createKey({ scopes: scopes.filter((other) => other !== scope) })).key;
  }
  const { id, key } = await under.createKey({ scopes });
  await new ApiKeys(under.database).revoke({ tenant: 'acme', id, actor: 'spec' });
  keys['revoked'] = key;
  await waitFor(async () => (await call(RUNS, key)).status === 401, { describe: 'the key to be refused' });
});
afterAll(() => under.close());

const RUNS: Pick<GuardedRoute, 'method' | 'url'> = { method: 'GET', url: '/v1/runs' };
const pathOf = (pattern: string): string => pattern.replace(/:\w+/g, SAME);

async function call({ method, url }: Pick<GuardedRoute, 'method' | 'url'>, key?: string, query = '') {
  const signal = AbortSignal.timeout(400);
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) };
  const body = method === 'POST' ? '{}' : undefined;
  const response = await fetch(under.url + pathOf(url) + query, {
    method,
    headers,
    signal: AbortSignal.timeout(10_000),
    ...(body && { body }),
  });
  let text = '';
  // A stream of a run that goes on has no end: what came so far is what it shows.
  const read = async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  };
  await Promise.race([
    read().catch(() => undefined),
    new Promise((resolve) => signal.addEventListener('abort', resolve)),
  ]);
  return { status: response.status, text };
}

async function ticket(): Promise<string> {
  const { body } = await under.send('POST', '/v1/tickets', { run: SAME, session: SAME });
  return body['ticket'] as string;
}

async function upgrade(
  pattern: string,
  headers: Record<string, string>,
  query = '',
): Promise<{ status: number; text: string }> {
  const socket = new WebSocket(
    under.url.replace('http', 'ws') + pathOf(pattern).replace('/ws/same/same', '/ws/-/same') + query,
    { headers },
  );
  let status: number | undefined;
  let text = '';
  socket.on('open', () => (status = 101)).on('error', () => undefined);
  socket.on('message', (data: Buffer) => (text += data.toString()));
  socket.on('unexpected-response', (request, response) => {
    status = response.statusCode;
    request.destroy();
  });
  await waitFor(() => status !== undefined, { describe: 'an answer' });
  if (status === 101 && pattern === '/v1/stream') {
    socket.send(JSON.stringify({ action: 'subscribe', subscription: 'a', run: SAME }));
  }
  const told = (): boolean => (pattern === '/v1/stream' ? text.includes('"event"') : text !== '');
  if (status === 101) await waitFor(told, { describe: 'frames' });
  socket.terminate();
  return { status: status!, text };
}

const BAD: readonly (readonly [string, () => string | undefined])[] = [
  ['nothing', () => undefined],
  ['garbage', () => 'garbage'],
  ['a key nobody has', () => `rck_${'A'.repeat(43)}`],
  ['a revoked key', () => keys['revoked']],
  ['a token without signature', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
];

describe('Every HTTP route', () => {
  it('stands in the table with what it demands, and the table holds no other', () => {
    const served = under.routes.filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS');
    const demands = Object.fromEntries(
      served.map(({ method, url, access }) => [`${method} ${url.replace(/(?<=.)\/$/, '')}`, access]),
    );
    expect(demands).toEqual(DEMANDS);
  });

  it('lets in nobody without a good credential, none without the scope, and no limited one past its limits', async () => {
    const answers: unknown[] = [];
    const wrong: unknown[] = [];
    const expectStatus = async (
      route: GuardedRoute,
      who: string,
      key: string | undefined,
      status: number,
      query = '',
    ) => {
      const answer = await call(route, key, query);
      answers.push(answer);
      const leaks = answer.text.includes(CANARY);
      if (answer.status !== status || leaks) wrong.push([route.method, route.url, who, answer.status, leaks]);
    };
    for (const route of under.routes.filter(({ access }) => access !== 'open')) {
      for (const [who, key] of BAD) await expectStatus(route, who, key(), 401);
      await expectStatus(route, 'wrong scope', keys[`without ${route.access}`], 403);
      if (!route.limited) await expectStatus(route, 'limited', keys['limited'], 403);
      if (!route.keyInQuery) await expectStatus(route, 'a ticket', undefined, 401, `?ticket=${await ticket()}`);
      if (route.keyInQuery) {
        const used = await ticket();
        await call(route, undefined, `?ticket=${used}`);
        await expectStatus(route, 'a used ticket', undefined, 401, `?ticket=${used}`);
        const expired = await ticket();
        await under.database.query('UPDATE ticket SET expires_at = now()');
        await expectStatus(route, 'an expired ticket', undefined, 401, `?ticket=${expired}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(answers.length).toBeGreaterThan(150);
  }, 120_000);

  it('shows another tenant nothing of ours under the same ids, and nothing to a key of another agent', async () => {
    const wrong: unknown[] = [];
    for (const route of under.routes.filter(({ access }) => access !== 'open')) {
      for (const who of ['rival', 'limited']) {
        const { status, text } = await call(route, keys[who]);
        if (status >= 500 || text.includes(CANARY)) wrong.push([route.method, route.url, who, status]);
      }
    }
    expect(wrong).toEqual([]);
    // Control: the owner does see it, so it would have been found.
    expect((await call({ method: 'GET', url: '/v1/runs/:run/stream' }, 'acme-key')).text).toContain(CANARY);
  }, 120_000);
});

describe('Every address of a WebSocket', () => {
  it.each(SOCKETS)('%s: nobody without a good credential, and nothing of ours for another tenant', async (pattern) => {
    for (const [who, key] of BAD) {
      const text = key();
      const { status } = await upgrade(pattern, text === undefined ? {} : { 'x-api-key': text });
      expect([who, status]).toEqual([who, 401]);
    }
    expect((await upgrade(pattern, { 'x-api-key': keys['without read']! })).status).toBe(403);
    const once = `?ticket=${await ticket()}`;
    expect((await upgrade(pattern, {}, once)).text).toContain(CANARY);
    expect((await upgrade(pattern, {}, once)).status).toBe(401);
    const late = `?ticket=${await ticket()}`;
    await under.database.query('UPDATE ticket SET expires_at = now()');
    expect((await upgrade(pattern, {}, late)).status).toBe(401);
    const rival = await upgrade(pattern, { 'x-api-key': keys['rival']! });
    expect([rival.status, rival.text.includes(CANARY)]).toEqual([101, false]);
  });
});
