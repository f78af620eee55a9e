import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, openDatabase, type Database } from '@runcast/read-models';
import { freshDatabase, freshNamespace, testBackends } from '@runcast/test-harness';
import { closeGateways, send, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

let database: Database;
beforeAll(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec', maxConnections: 8 });
});
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
    const [first, second] = [await flood(gateways, 10, path), await flood(gateways, 20, path, 'key-admin')];
    expect(first.passed).toBe(20);
    expect(first.passed + second.passed).toBeLessThanOrEqual(30 + Math.ceil(first.seconds + second.seconds));
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
