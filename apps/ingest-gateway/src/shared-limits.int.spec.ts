import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Messaging } from '@runcast/agent-commands';
import { migrate, openDatabase, type Database } from '@runcast/read-models';
import { freshDatabase, freshNamespace, testBackends } from '@runcast/test-harness';
import { closeGateways, send, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

let database: Database;
beforeAll(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec', maxConnections: 8 });
});
beforeEach(() => database.query('DELETE FROM rate_budget'));
afterAll(async () => {
  await closeGateways();
  await database.end();
});

async function replicas(limits: { ratePerMinute?: number; keyRatePerMinute?: number; tenantRatePerMinute?: number }) {
  const settings = { natsUrl: testBackends().natsUrl, namespace: freshNamespace(), database, ...limits };
  return Promise.all([startGateway(settings), startGateway(settings)]);
}

const EVENT = { event_type: 'step', sdk_run_id: 'r', payload: { node_name: 'n', phase: 'start' } };

/** Sends to all gateways at once; resolves to how many each answer came. */
async function flood(gateways: readonly GatewayUnderTest[], each: number, path: string, key = 'key-acme') {
  const started = Date.now();
  const sent = gateways.flatMap((gateway) =>
    Array.from({ length: each }, () => send(gateway, path, EVENT, { authorization: `Bearer ${key}` })),
  );
  const answers = await Promise.all(sent);
  const passed = answers.filter(({ status }) => status === 202).length;
  expect(answers.filter(({ status }) => status !== 202 && status !== 429)).toEqual([]);
  return { passed, answers, seconds: (Date.now() - started) / 1_000 };
}

describe('two gateways', () => {
  it('admit together what a key may send, not twice as much', async () => {
    const gateways = await replicas({ ratePerMinute: 60 });
    const { passed, answers, seconds } = await flood(gateways, 100, '/api/ingest');
    // A minute's worth, and what flowed in while we sent. A slice that one of the two holds may be left over.
    expect(passed).toBeGreaterThanOrEqual(58);
    expect(passed).toBeLessThanOrEqual(60 + Math.ceil(seconds));
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.body).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('ratelimit-limit')).toBe('60, 60;w=60');
    expect(Number(refused.headers.get('ratelimit-reset'))).toBeGreaterThan(0);
  });

  it('limit a tenant over all its keys, and nobody else', async () => {
    const gateways = await replicas({ keyRatePerMinute: 1_000, tenantRatePerMinute: 30 });
    const path = '/v1/events?dialect=agent-os';
    const began = performance.now();
    const [first, second] = [await flood(gateways, 10, path), await flood(gateways, 20, path, 'key-admin')];
    expect(first.passed).toBe(20);
    expect(first.passed + second.passed).toBeLessThanOrEqual(30 + Math.ceil((performance.now() - began) / 1_000));
    expect((await flood(gateways, 5, path, 'key-rival')).passed).toBe(10);
  });

  it('control: without a shared store each admits the whole limit', async () => {
    const away = openDatabase({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'spec' });
    const settings = {
      natsUrl: testBackends().natsUrl,
      namespace: freshNamespace(),
      database: away,
      ratePerMinute: 60,
    };
    const { passed } = await flood([await startGateway(settings), await startGateway(settings)], 100, '/api/ingest');
    expect(passed).toBeGreaterThanOrEqual(120);
    await away.end();
  });
});

/** Sends messages all at once, each of which one of the gateways gets; resolves to their answers. */
async function floodOverNats(namespace: string, tenant: string, count: number) {
  const sender = await Messaging.connect({ servers: testBackends().natsUrl, clientName: 'spec', namespace });
  const subject = sender.subjects.ingest(tenant, 'agent-os');
  const sent = Array.from({ length: count }, () => sender.ask(subject, JSON.stringify(EVENT), 60_000));
  const answers = (await Promise.all(sent)).map((reply) => (reply.outcome === 'answered' ? reply.body : reply));
  await sender.close();
  const passed = answers.filter((answer) => 'accepted' in answer && answer['accepted'] === true).length;
  return { passed, answers };
}

describe('two gateways that listen on NATS', () => {
  const listening = async (tables: Database, tenantRatePerMinute: number) => {
    const namespace = freshNamespace();
    const natsUrl = testBackends().natsUrl;
    const settings = { natsUrl, namespace, database: tables, overNats: true, tenantRatePerMinute };
    return { namespace, gateways: [await startGateway(settings), await startGateway(settings)] };
  };

  it('admit together what a tenant may send over NATS and HTTP, say when to come again, and limit nobody else', async () => {
    const { namespace, gateways } = await listening(database, 60);
    const began = performance.now();
    const overHttp = await flood(gateways, 10, '/v1/events?dialect=agent-os');
    expect(overHttp.passed).toBe(20);
    const { passed, answers } = await floodOverNats(namespace, 'acme', 200);
    // A slice that one of the two holds may be left over.
    expect(passed).toBeGreaterThanOrEqual(38);
    expect(passed).toBeLessThanOrEqual(40 + Math.ceil((performance.now() - began) / 1_000));
    const refused = answers.find((answer) => 'status' in answer && answer['status'] === 429);
    expect(refused).toMatchObject({
      accepted: false,
      code: 'rate_limited',
      detail: 'This tenant may make 60 requests per minute.',
    });
    expect((refused as { retry_after: number }).retry_after).toBeGreaterThan(0);
    const after = await flood(gateways, 20, '/v1/events?dialect=agent-os');
    const allSeconds = (performance.now() - began) / 1_000;
    expect(overHttp.passed + passed + after.passed).toBeLessThanOrEqual(60 + Math.ceil(allSeconds));
    expect((await floodOverNats(namespace, 'rival', 30)).passed).toBe(30);
  });

  it('control: without a shared store each of the two admits the whole limit over NATS', async () => {
    const away = openDatabase({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'spec' });
    const { namespace } = await listening(away, 60);
    expect((await floodOverNats(namespace, 'acme', 240)).passed).toBeGreaterThanOrEqual(110);
    await away.end();
  });
});
