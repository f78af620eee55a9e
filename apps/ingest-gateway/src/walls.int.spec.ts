import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Messaging, Subjects } from '@runcast/agent-commands';
import { ApiKeys, KeyRing, migrate, openDatabase, Tickets, type Database } from '@runcast/read-models';
import { DIALECT_NAMES } from '@runcast/run-events';
import { lookupIn, tokenLookup, type GuardedRoute } from '@runcast/service-host';
import { freshDatabase, freshNamespace, testBackends, tokenIssuer, type TokenIssuer } from '@runcast/test-harness';
import { closeGateways, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

/** What each route must demand. A route that is served and stands not here fails: whoever adds one decides it here. */
const DEMANDS: Readonly<Record<string, string>> = {
  'GET /docs': 'open',
  'GET /docs-json': 'open',
  'GET /docs/begin.js': 'open',
  'GET /docs/swagger-ui-bundle.js': 'open',
  'GET /docs/swagger-ui.css': 'open',
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /version': 'open',
  'POST /api/ingest': 'ingest',
  'POST /v1/events': 'ingest',
  'POST /v1/redaction/preview': 'ingest',
  'GET /v1/redaction/rules': 'admin',
  'PUT /v1/redaction/rules': 'admin',
};

/** Every subject beside the log, and who takes what is said there. */
const SUBJECTS: Readonly<Record<string, string>> = {
  ingest: 'the ingest gateways',
  everyIngest: 'the ingest gateways',
  readIngest: 'the ingest gateways',
  command: 'workers of the tenant',
  cancel: 'workers of the tenant',
  working: 'the realtime gateways, about runs of the tenant',
  workflow: 'the queue',
  everyWorkflow: 'the queue',
  mark: 'the marks of the realtime gateways',
  everyMark: 'the marks of the realtime gateways',
};

const SCOPES = ['ingest', 'read', 'invoke', 'admin'];
const namespace = freshNamespace();
let database: Database;
let ring: KeyRing;
let gateway: GatewayUnderTest;
let issuer: TokenIssuer;
const credentials: Record<string, string> = {};

beforeAll(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  issuer = await tokenIssuer();
  const tokens = await tokenLookup(issuer.settings);
  await makeCredentials();
  ring = await KeyRing.start({ databaseUrl: url });
  const lookupKey = lookupIn(ring, tokens);
  gateway = await startGateway({ natsUrl: testBackends().natsUrl, namespace, database, lookupKey, overNats: true });
});
afterAll(async () => {
  await closeGateways();
  await ring.stop();
  await database.end();
  issuer.close();
});

async function makeCredentials(): Promise<void> {
  const keys = new ApiKeys(database);
  const make = (tenant: string, scopes: readonly string[], more = {}) =>
    keys.create({ tenant, name: 'spec', scopes, actor: 'spec', ...more });
  for (const scope of SCOPES) {
    credentials[`only ${scope}`] = (await make('acme', [scope])).key;
    credentials[`without ${scope}`] = (
      await make(
        'acme',
        SCOPES.filter((other) => other !== scope),
      )
    ).key;
  }
  credentials['acme'] = (await make('acme', SCOPES)).key;
  credentials['rival'] = (await make('rival', SCOPES)).key;
  credentials['limited'] = (await make('acme', SCOPES, { agents: ['somebody-else'] })).key;
  const revoked = await make('acme', SCOPES);
  await keys.revoke({ tenant: 'acme', id: revoked.id, actor: 'spec' });
  credentials['revoked'] = revoked.key;
  const ticket = await new Tickets(database).issue({ tenant: 'acme', keyId: 'k', grants: {} });
  credentials['ticket'] = ticket.outcome === 'issued' ? ticket.ticket : '';
  credentials['token'] = await issuer.token(600);
  credentials['expired token'] = await issuer.token(-60);
  const foreign = await tokenIssuer();
  credentials['foreign token'] = await foreign.token(600);
  foreign.close();
  credentials['token without scope'] = await issuer.token(600, { scope: '' });
}

const EVENTS: Readonly<Record<string, object>> = {
  '/v1/events': { type: 'note.taken', run: 'same', id: 'same', session: 'same', agent: 'ours' },
  '/api/ingest': {
    event_type: 'step',
    sdk_run_id: 'same',
    agent_name: 'ours',
    payload: { node_name: 'n', phase: 'start' },
  },
  '/v1/redaction/preview': { event: {} },
};

async function call({ method, url }: Pick<GuardedRoute, 'method' | 'url'>, key?: string, query = '') {
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) };
  const body = method === 'GET' || method === 'HEAD' ? undefined : JSON.stringify(EVENTS[url] ?? {});
  const response = await fetch(gateway.url + url + query, { method, headers, ...(body && { body }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const demandsOf = (routes: readonly GuardedRoute[]) =>
  Object.fromEntries(
    routes
      .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
      .map(({ method, url, access }) => [`${method} ${url.replace(/(?<=.)\/$/, '')}`, access]),
  );

/** Of each kind of credential, what every guarded route answers to it. */
const REFUSED: readonly (readonly [string, () => string | undefined, string, number])[] = [
  ['nothing', () => undefined, '', 401],
  ['garbage', () => 'garbage', '', 401],
  ['a key nobody has', () => `rck_${'A'.repeat(43)}`, '', 401],
  ['a revoked key', () => credentials['revoked'], '', 401],
  ['an expired token', () => credentials['expired token'], '', 401],
  ['a token of another issuer', () => credentials['foreign token'], '', 401],
  ['a token without signature', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, '', 401],
  ['a token without scopes', () => credentials['token without scope'], '', 403],
  ['a ticket as a key', () => credentials['ticket'], '', 401],
  ['a ticket in the query', () => undefined, 'ticket', 401],
];

describe('Every route of the ingest gateway', () => {
  it('stands in the table with what it demands, and the table holds no other', () => {
    expect(demandsOf(gateway.app.routes)).toEqual(DEMANDS);
    // Control: one that is served and left out of the table, or demands nothing any more.
    expect(demandsOf([...gateway.app.routes, { ...gateway.app.routes[0]!, url: '/v1/new' }])).not.toEqual(DEMANDS);
    expect(demandsOf(gateway.app.routes.map((route) => ({ ...route, access: 'open' as const })))).not.toEqual(DEMANDS);
  });

  it('lets in who shows a good credential with its scope, and nobody else', async () => {
    const wrong: unknown[] = [];
    const guarded = gateway.app.routes.filter(({ access }) => access !== 'open');
    for (const route of guarded.filter(({ method }) => method !== 'HEAD')) {
      const expectStatus = async (who: string, key: string | undefined, status: number, query = '') => {
        const answer = await call(route, key, query && `?${query}=${credentials[query]}`);
        if (answer.status !== status) wrong.push([route.method, route.url, who, answer.status]);
      };
      for (const [who, key, query, status] of REFUSED) await expectStatus(who, key(), status, query);
      await expectStatus('without its scope', credentials[`without ${route.access}`], 403);
      for (const scope of SCOPES.filter((other) => other !== route.access)) {
        await expectStatus(`only ${scope}`, credentials[`only ${scope}`], 403);
      }
      // An event of an agent that the key is not limited to is refused as well, though the route takes limited keys.
      await expectStatus('limited to another agent', credentials['limited'], 403);
      for (const who of [`only ${route.access}`, 'token']) {
        const { status } = await call(route, credentials[who]);
        if (status >= 300) wrong.push([route.method, route.url, who, status]);
      }
    }
    expect(wrong).toEqual([]);
    expect(guarded).toHaveLength(Object.values(DEMANDS).filter((access) => access !== 'open').length + HEADS);
  });

  it('answers with headers by which no browser runs, frames or sniffs anything of it', async () => {
    const loose: unknown[] = [];
    for (const route of gateway.app.routes) {
      for (const key of [undefined, credentials['acme']]) {
        const { headers, status } = await call(route, key);
        const policy = headers.get('content-security-policy') ?? '';
        const strict = policy.startsWith("default-src 'none'") && policy.includes("frame-ancestors 'none'");
        const quiet = headers.get('x-content-type-options') === 'nosniff';
        if (!strict || !quiet || headers.get('referrer-policy') !== 'no-referrer') loose.push([route.url, status]);
      }
    }
    expect(loose).toEqual([]);
  });
});

/** GET is served as HEAD as well. */
const HEADS = 1;

describe('Two tenants with the same ids', () => {
  it('neither meet in the log nor are told of each other, over HTTP and over NATS', async () => {
    const sender = await Messaging.connect({ servers: testBackends().natsUrl, clientName: 'spec', namespace });
    const text = (tenant: string) =>
      JSON.stringify({ ...EVENTS['/v1/events'], data: { said: `by ${tenant}`, tenant: 'rival' } });
    const post = async (key: string, body: string) => {
      const headers = { 'content-type': 'application/json', 'x-api-key': key };
      return (await fetch(`${gateway.url}/v1/events`, { method: 'POST', headers, body })).json() as Promise<object>;
    };
    const fresh = { duplicate: false, event_id: 'of-two', run_id: 'same' };
    const named = (tenant: string) => text(tenant).replace('"id":"same"', '"id":"of-two"');
    expect(await post(credentials['acme']!, named('acme'))).toMatchObject(fresh);
    // The same ids with other words: a conflict, were it the same tenant.
    const overNats = await sender.ask(sender.subjects.ingest('rival', 'runcast'), named('rival'), 60_000);
    expect(overNats).toMatchObject({ outcome: 'answered', body: { accepted: true, ...fresh } });
    expect(await post(credentials['rival']!, named('rival'))).toMatchObject({ duplicate: true });
    expect(await post(credentials['acme']!, named('rival'))).toMatchObject({ code: 'event_conflict' });
    await sender.close();
  });

  it('have rules of their own', async () => {
    const url = `${gateway.url}/v1/redaction/rules`;
    const headers = { 'content-type': 'application/json', 'x-api-key': credentials['acme']! };
    const put = await fetch(url, { method: 'PUT', headers, body: '{"names":["of_acme"]}' });
    expect(put.status).toBe(200);
    const seen = async (who: string) => (await fetch(url, { headers: { 'x-api-key': credentials[who]! } })).text();
    expect(await seen('acme')).toContain('of_acme');
    expect(await seen('rival')).not.toContain('of_acme');
  });
});

describe('Every subject of NATS', () => {
  it('stands in the table, and each that names somebody begins with the tenant', () => {
    const members = Object.getOwnPropertyNames(Subjects.prototype).filter((name) => name !== 'constructor');
    expect(members.sort()).toEqual(Object.keys(SUBJECTS).sort());
    const subjects = new Subjects();
    for (const tenant of ['acme', 'a.b', '*', '>']) {
      const named = [
        ...DIALECT_NAMES.map((dialect) => subjects.ingest(tenant, dialect)),
        ...[subjects.command(tenant, 'x'), subjects.cancel(tenant), subjects.working(tenant)],
        subjects.workflow(tenant, 'x'),
      ];
      const token = tenant.replace(/[^a-z]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
      for (const subject of named) expect(subject.split('.')[2]).toBe(token);
    }
  });

  it.each(['%61cme', 'ACME%00', 'x'.repeat(129), '%', '%zz', 'a%2', '%C3'])(
    'takes no tenant but in its one spelling: %s is refused',
    async (token) => {
      const sender = await Messaging.connect({ servers: testBackends().natsUrl, clientName: 'spec', namespace });
      const subject = sender.subjects.ingest('acme', 'runcast').replace('acme', token);
      const answer = await sender.ask(subject, JSON.stringify(EVENTS['/v1/events']), 60_000);
      expect(answer).toMatchObject({ outcome: 'answered', body: { accepted: false, status: 400 } });
      await sender.close();
    },
  );
});
