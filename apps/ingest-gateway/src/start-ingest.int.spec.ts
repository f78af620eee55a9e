import { afterEach, describe, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import { ApiKeys, migrate, openDatabase } from '@runcast/read-models';
import { createLogger, drain, loadConfig, Metrics, Readiness, type DrainStep } from '@runcast/service-host';
import { freshDatabase, freshNamespace, startTcpProxy, testBackends, waitFor } from '@runcast/test-harness';
import { configSchema } from './config.ts';
import { startIngest } from './start-ingest.ts';

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A migrated database with one key that may send events. */
async function databaseWithKey() {
  const { url } = await freshDatabase();
  await migrate(url);
  const database = openDatabase({ databaseUrl: url, applicationName: 'spec', maxConnections: 1 });
  closings.push(() => database.end());
  const keys = new ApiKeys(database);
  const { id, key } = await keys.create({ tenant: 'acme', name: 'spec', scopes: ['ingest'], actor: 'spec' });
  return { url, key, revoke: () => keys.revoke({ tenant: 'acme', id, actor: 'spec' }) };
}

interface Started {
  readonly url: string;
  readonly namespace: string;
  readonly readiness: Readiness;
  readonly steps: readonly DrainStep[];
}

async function start(databaseUrl: string, natsUrl = testBackends().natsUrl): Promise<Started> {
  const namespace = freshNamespace();
  const env = {
    DATABASE_URL: databaseUrl,
    NATS_URL: natsUrl,
    RUNCAST_NAMESPACE: namespace,
    HOST: '127.0.0.1',
    PORT: '0',
  };
  const lines: string[] = [];
  const logger = createLogger({
    service: 'spec',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const readiness = new Readiness();
  const config = loadConfig(configSchema, env);
  const steps = await startIngest({ config, logger, readiness, metrics: new Metrics() });
  closings.push(() => drain(steps, new Promise(() => {})));
  const { url } = JSON.parse(lines.find((line) => line.includes('"msg":"listening"'))!) as { url: string };
  return { url, namespace, readiness, steps };
}

const post = (url: string, key: string, body: object) =>
  fetch(`${url}/v1/events`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-api-key': key },
  });

describe('the ingest gateway', () => {
  it('takes events from the holder of a key until the key is revoked', async () => {
    const { url: databaseUrl, key, revoke } = await databaseWithKey();
    const { url, readiness } = await start(databaseUrl);
    expect(readiness.report().status).toBe('ready');
    expect((await post(url, key, { type: 'x', run: 'r' })).status).toBe(202);
    await revoke();
    const refused = async () => (await post(url, key, { type: 'x', run: 'r' })).status === 401;
    await waitFor(refused, { describe: 'the key to be refused' });
  });

  it('asks to come again, and refuses nobody, while it does not know the keys yet', async () => {
    const { url: databaseUrl } = await freshDatabase();
    const { url, readiness } = await start(databaseUrl);
    const early = await post(url, 'rck_any', { type: 'x', run: 'r' });
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '2']);
    const checks = [
      { name: 'log', ready: true },
      { name: 'keys', ready: false },
      { name: 'redaction rules', ready: false },
    ];
    expect(readiness.report()).toEqual({ status: 'not_ready', checks });
    await migrate(databaseUrl);
    await waitFor(() => readiness.report().status === 'ready', { describe: 'the keys to be known' });
    expect((await post(url, 'rck_any', { type: 'x', run: 'r' })).status).toBe(401);
  });

  it('goes on taking events from known keys while Postgres is away', async () => {
    const { url: databaseUrl, key } = await databaseWithKey();
    const proxy = await startTcpProxy(databaseUrl);
    const through = new URL(databaseUrl);
    through.host = `127.0.0.1:${proxy.port}`;
    const { url } = await start(through.href);
    await proxy.close();
    expect((await post(url, key, { type: 'x', run: 'r' })).status).toBe(202);
  });

  it('loses no accepted event and answers every request it took when it is told to stop under load', async () => {
    const { url: databaseUrl, key } = await databaseWithKey();
    const { url, namespace, readiness, steps } = await start(databaseUrl);
    const accepted: string[] = [];
    const statuses = new Set<number>();
    const sender = async (name: string) => {
      for (let number = 0; ; number += 1) {
        // A refused or reset connection is the end for this sender: it was never answered.
        const response = await post(url, key, { type: 'x', run: name, id: `${name}-${number}` }).catch(() => undefined);
        if (!response) return;
        statuses.add(response.status);
        if (response.status === 202) accepted.push(`${name}-${number}`);
      }
    };
    const senders = Array.from({ length: 8 }, (_, index) => sender(`s${index}`));
    await waitFor(() => accepted.length > 100, { describe: '100 accepted events' });
    readiness.startDraining();
    const report = await drain(steps, new Promise(() => {}));
    await Promise.all(senders);
    expect(report).toEqual({
      completed: [
        'nats intake',
        'http',
        'messaging',
        'log',
        'keys',
        'idle budgets',
        'redaction rules',
        'erased runs',
        'tables',
      ],
      failed: [],
      unfinished: [],
    });
    expect([...statuses]).toEqual([202]);
    const logged = await loggedIds(namespace, accepted.length);
    expect(missingFrom(logged, accepted)).toEqual([]);
    expect(missingFrom(logged.slice(1), accepted)).toEqual([logged[0]]);
  });
});

function missingFrom(logged: readonly string[], accepted: readonly string[]): string[] {
  const there = new Set(logged);
  return accepted.filter((id) => !there.has(id));
}

async function loggedIds(namespace: string, atLeast: number): Promise<string[]> {
  const log = await EventLog.connect({ servers: testBackends().natsUrl, clientName: 'spec', shards: 1, namespace });
  closings.push(() => log.close());
  const stop = new AbortController();
  const ids: string[] = [];
  for await (const entries of log.tail(0, { after: 0, maxEntries: 500, signal: stop.signal })) {
    for (const entry of entries) if (entry.kind === 'event') ids.push(entry.event.id);
    if (ids.length >= atLeast) stop.abort();
  }
  return ids;
}
