import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeys } from '@runcast/read-models';
import { tokenLookup, type GuardedRoute } from '@runcast/service-host';
import { tokenIssuer, waitFor, type TokenIssuer } from '@runcast/test-harness';
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
  'POST /v1/views': 'read',
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
/** A run of acme alone. */
const OURS = 'of-acme-alone';
const SCOPES = ['ingest', 'read', 'invoke', 'admin'];
const SOCKETS = socketRoutes({} as Feeds, workflowSocket({} as WorkflowSocketParts)).map(({ pattern }) => pattern);

let under: GatewayUnderTest;
let issuer: TokenIssuer;
const keys: Record<string, string> = {};
beforeAll(async () => {
  under = await GatewayUnderTest.start({ settings: { RUNCAST_HEARTBEAT_MS: '400' } });
  await takeTokens();
  for (const [tenant, message] of [
    ['acme', CANARY],
    ['rival', 'of the rival'],
  ] as const) {
    const names = { tenant, session: SAME, agent: SAME };
    await under.tell(SAME, 'run.started', { message }, names);
    await under.tell(SAME, 'run.completed', { output: message }, names);
  }
  await under.tell(OURS, 'run.started', { message: CANARY }, { tenant: 'acme', session: OURS, agent: OURS });
  await under.tell(OURS, 'run.completed', { output: CANARY }, { tenant: 'acme', session: OURS, agent: OURS });
  const scopes = SCOPES;
  keys['rival'] = (await under.createKey({ tenant: 'rival', scopes })).key;
  keys['limited'] = (await under.createKey({ scopes, agents: ['somebody-else'] })).key;
  for (const scope of scopes) {
    keys[`only ${scope}`] = (await under.createKey({ scopes: [scope] })).key;
    keys[`without ${scope}`] = (await under.createKey({ scopes: scopes.filter((other) => other !== scope) })).key;
  }
  const { id, key } = await under.createKey({ scopes });
  await new ApiKeys(under.database).revoke({ tenant: 'acme', id, actor: 'spec' });
  keys['revoked'] = key;
  await waitFor(async () => (await call(RUNS, key)).status === 401, { describe: 'the key to be refused' });
});
afterAll(async () => {
  await under.close();
  issuer.close();
});

async function takeTokens(): Promise<void> {
  issuer = await tokenIssuer();
  under.tokens = await tokenLookup(issuer.settings);
  keys['token'] = await issuer.token(600);
  keys['expired token'] = await issuer.token(-60);
  const foreign = await tokenIssuer();
  keys['foreign token'] = await foreign.token(600);
  foreign.close();
  keys['token of the rival'] = await issuer.token(600, { tenant: 'rival' });
  keys['token without scopes'] = await issuer.token(600, { scope: '' });
}

/** The heartbeat of a stream. */
const STILL_HERE = ': still here';

const RUNS: Pick<GuardedRoute, 'method' | 'url'> = { method: 'GET', url: '/v1/runs' };
const pathOf = (pattern: string, id = SAME): string => pattern.replace(/:\w+/g, id);

async function call({ method, url }: Pick<GuardedRoute, 'method' | 'url'>, key?: string, query = '', id = SAME) {
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) };
  const body = method === 'POST' ? '{}' : undefined;
  const response = await fetch(under.url + pathOf(url, id) + query, { method, headers, ...(body && { body }) });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    // A stream of a run that goes on has no end: what it shows is what came before it has nothing more to say.
    if (text.includes(STILL_HERE)) break;
  }
  return { status: response.status, text, headers: response.headers };
}

async function ticket(id = SAME): Promise<string> {
  const { body } = await under.send('POST', '/v1/tickets', { run: id, session: id });
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
  const told = (): boolean => (pattern === '/v1/stream' ? /"event"|"refused"/.test(text) : text !== '');
  if (status === 101) await waitFor(told, { describe: 'frames' });
  socket.terminate();
  return { status: status!, text };
}

const BAD: readonly (readonly [string, () => string | undefined])[] = [
  ['nothing', () => undefined],
  ['garbage', () => 'garbage'],
  ['a key nobody has', () => `rck_${'A'.repeat(43)}`],
  ['a revoked key', () => keys['revoked']],
  ['an expired token', () => keys['expired token']],
  ['a token of another issuer', () => keys['foreign token']],
  ['a token without signature', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
];

describe('Every HTTP route', () => {
  it('stands in the table with what it demands, and the table holds no other', () => {
    const demandsOf = (routes: readonly GuardedRoute[]) =>
      Object.fromEntries(
        routes
          .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
          .map(({ method, url, access }) => [`${method} ${url.replace(/(?<=.)\/$/, '')}`, access]),
      );
    expect(demandsOf(under.routes)).toEqual(DEMANDS);
    // Control: one that is served and left out of the table, and one that demands nothing any more.
    const runs = under.routes.find(({ url }) => url === '/v1/runs')!;
    expect(demandsOf([...under.routes, { ...runs, url: '/v1/new' }])).not.toEqual(DEMANDS);
    expect(demandsOf([...under.routes, { ...runs, access: 'open' }])).not.toEqual(DEMANDS);
  });

  it('answers with headers by which no browser runs, frames or sniffs anything of it', async () => {
    const loose: unknown[] = [];
    for (const route of under.routes) {
      for (const key of [undefined, keys['token']]) {
        // What is there is read; nothing that is there is changed.
        const { headers, status } = await call(route, key, '', route.method === 'GET' ? OURS : 'for-headers');
        const policy = headers.get('content-security-policy') ?? '';
        const strict = policy.startsWith("default-src 'none'") && policy.includes("frame-ancestors 'none'");
        const quiet = headers.get('x-content-type-options') === 'nosniff';
        if (!strict || !quiet || headers.get('referrer-policy') !== 'no-referrer') {
          loose.push([route.method, route.url, status]);
        }
      }
    }
    expect(loose).toEqual([]);
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
      await expectStatus(route, 'a token without scopes', keys['token without scopes'], 403);
      for (const scope of SCOPES.filter((other) => other !== route.access)) {
        await expectStatus(route, `only ${scope}`, keys[`only ${scope}`], 403);
      }
      if (!route.limited) await expectStatus(route, 'limited', keys['limited'], 403);
      if (!route.keyInQuery) {
        await expectStatus(route, 'a ticket', undefined, 401, `?ticket=${await ticket()}`);
        await expectStatus(route, 'a ticket as a key', await ticket(), 401);
      }
      if (route.keyInQuery) {
        const used = await ticket();
        await call(route, undefined, `?ticket=${used}`);
        await expectStatus(route, 'a used ticket', undefined, 401, `?ticket=${used}`);
        const expired = await ticket();
        await under.database.query('UPDATE ticket SET expires_at = now()');
        await expectStatus(route, 'an expired ticket', undefined, 401, `?ticket=${expired}`);
        // A view is of whatever its ticket was for; what is then shown it is refused for another run as well.
        const other = route.url.startsWith('/v1/views') ? 201 : 403;
        await expectStatus(route, 'a ticket of another run', undefined, other, `?ticket=${await ticket(OURS)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(answers.length).toBeGreaterThan(150);
  });

  it('shows another tenant nothing of ours under the same ids, and nothing to a key of another agent', async () => {
    const wrong: unknown[] = [];
    for (const route of under.routes.filter(({ access }) => access !== 'open')) {
      for (const who of ['rival', 'token of the rival', 'limited']) {
        const { status, text } = await call(route, keys[who]);
        if (status >= 500 || text.includes(CANARY)) wrong.push([route.method, route.url, who, status]);
      }
    }
    expect(wrong).toEqual([]);
    // Control: the owner does see it, so it would have been found.
    expect((await call({ method: 'GET', url: '/v1/runs/:run/stream' }, 'acme-key')).text).toContain(CANARY);
  });
});

describe('What another tenant has', () => {
  /** What differs between two answers of the same kind: which request it was, when, and the id that it named. */
  const likeness = (text: string, id: string): string =>
    text
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(id, 'ID');

  it('is answered as what nobody has, by every route that names it', async () => {
    const telling: unknown[] = [];
    for (const route of under.routes.filter(
      ({ url, access, method }) => url.includes(':') && access !== 'open' && method !== 'HEAD',
    )) {
      // Who asks for the first thing of it makes it his own: each of the two ids is asked for once.
      const theirs = await call(route, keys['rival'], '', OURS);
      const nobodys = await call(route, keys['rival'], '', 'of-nobody-yet');
      const same =
        theirs.status === nobodys.status && likeness(theirs.text, OURS) === likeness(nobodys.text, 'of-nobody-yet');
      const shown = theirs.text.includes(CANARY);
      if (!same || shown)
        telling.push([route.method, route.url, theirs.status, nobodys.status, theirs.text.slice(0, 200)]);
    }
    expect(telling).toEqual([]);
  });

  it.each(['%00', 'a%00b', '%F0%9F%92%A5', "'%20OR%201=1", '..%2F..'])(
    'is not reached by an id that is none, which no route hands to the tables: %s',
    async (id) => {
      const failed: unknown[] = [];
      for (const route of under.routes.filter(({ url }) => url.includes(':'))) {
        const { status, text } = await call(route, keys['token of the rival'], '', id);
        if (status >= 500 || text.includes(CANARY)) failed.push([route.method, route.url, status]);
      }
      expect(failed).toEqual([]);
    },
  );

  it('is 404 where it is read, and 200 for its owner', async () => {
    for (const url of [
      '/v1/runs/:run',
      '/v1/runs/:run/events',
      '/v1/runs/:run/events.ndjson',
      '/v1/runs/:run/export',
    ]) {
      const statusFor = async (who: string) => (await call({ method: 'GET', url }, keys[who], '', OURS)).status;
      expect([url, await statusFor('rival'), await statusFor('only read')]).toEqual([url, 404, 200]);
    }
  });
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
    for (const who of ['rival', 'token of the rival']) {
      const { status, text } = await upgrade(pattern, { 'x-api-key': keys[who]! });
      expect([who, status, text.includes(CANARY)]).toEqual([who, 101, false]);
    }
    expect((await upgrade(pattern, { 'x-api-key': keys['token']! })).text).toContain(CANARY);
    for (const scope of ['ingest', 'invoke', 'admin']) {
      expect((await upgrade(pattern, { 'x-api-key': keys[`only ${scope}`]! })).status).toBe(403);
    }
    const other = await upgrade(pattern, {}, `?ticket=${await ticket(OURS)}`);
    // On the shared socket each feed is refused by itself.
    expect([other.status, other.text.includes(CANARY)]).toEqual([pattern === '/v1/stream' ? 101 : 403, false]);
  });
});
