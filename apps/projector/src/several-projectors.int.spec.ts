import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import { listProjectionStandings, listRunEvents, migrate, openDatabase, type Database } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { createLogger, drain, loadConfig, Metrics, Readiness } from '@runcast/service-host';
import { freshDatabase, freshNamespace, startTcpProxy, testBackends, waitFor } from '@runcast/test-harness';
import { configSchema } from './config.ts';
import { startProjector } from './start-projector.ts';

const SHARDS = 4;
const LEASE_MS = 3_000;
const TENANTS = Array.from({ length: 16 }, (_, number) => `tenant-${number}`);

let url: string;
let database: Database;
let log: EventLog;
let namespace: string;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  ({ url } = await freshDatabase());
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  namespace = freshNamespace();
  const options = { servers: testBackends().natsUrl, clientName: 'spec', namespace, shards: SHARDS, maxBytes: 5e7 };
  log = await EventLog.connect(options);
  cleanUps.push(
    () => log.close(),
    () => database.end(),
  );
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A projector process, as far as one can be had inside a spec: all of the service, with connections of its own. */
async function start(databaseUrl = url) {
  const config = loadConfig(configSchema, {
    NATS_URL: testBackends().natsUrl,
    DATABASE_URL: databaseUrl,
    RUNCAST_NAMESPACE: namespace,
    RUNCAST_SHARDS: String(SHARDS),
    RUNCAST_LEASE_MS: String(LEASE_MS),
    HOST: '127.0.0.1',
    PORT: '0',
  });
  const readiness = new Readiness();
  const logger = createLogger({ service: 'spec', level: 'silent' });
  const steps = await startProjector({ config, logger, readiness, metrics: new Metrics() });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await drain(steps, new Promise(() => undefined));
  };
  cleanUps.push(stop);
  const holds = () => readiness.report().checks.filter(({ facts }) => facts?.['state'] === 'projecting').length;
  return { stop, holds, readiness };
}

const sent = new Map<string, number>();
async function append(each: number): Promise<void> {
  for (const tenant of TENANTS) {
    const first = sent.get(tenant) ?? 0;
    sent.set(tenant, first + each);
    await log.append(Array.from({ length: each }, (_, index) => event(tenant, first + index)));
  }
}

function event(tenant: string, number: number): RunEvent {
  return {
    id: `event-${number}`,
    tenant,
    run: 'r1',
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T10:00:00.000000Z',
    dialect: 'runcast',
    data: {},
    raw: '{}',
  };
}

async function untilAllInOrder(): Promise<void> {
  for (const tenant of TENANTS) {
    const expected = Array.from({ length: sent.get(tenant)! }, (_, number) => `event-${number}`);
    const found = await waitFor(
      async () => {
        const { items } = await listRunEvents(database, { tenant, run: 'r1', limit: 1_000 });
        return items.length >= expected.length && items.map(({ id }) => id);
      },
      { describe: `the events of ${tenant}` },
    );
    expect(found).toEqual(expected);
  }
}

it('One projector takes every shard; two have half each; when one is gone the other has all, and nothing is lost', async () => {
  sent.clear();
  const proxy = await startTcpProxy(url);
  cleanUps.push(() => proxy.close());
  const through = Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;

  const first = await start();
  await waitFor(() => first.holds() === SHARDS, { describe: 'the first to hold every shard' });
  await append(5);
  await untilAllInOrder();
  const used = await database.query('SELECT shard FROM run GROUP BY shard');
  expect(used.rowCount).toBe(SHARDS);

  const second = await start(through);
  await waitFor(() => first.holds() === 2 && second.holds() === 2, {
    describe: 'both to hold half',
  });
  await append(5);
  await untilAllInOrder();

  // Frozen as seen from Postgres: no error, no word.
  proxy.pause();
  const since = performance.now();
  await waitFor(() => first.holds() === SHARDS, { describe: 'the first to take over' });
  // The promise is one and a half leases, 15 s with the default one; the other lease here is for a busy machine.
  expect(performance.now() - since).toBeLessThan(2.5 * LEASE_MS);
  await append(5);
  await untilAllInOrder();

  proxy.resume();
  await waitFor(() => first.holds() === 2 && second.holds() === 2, {
    describe: 'both to hold half again',
  });
  await append(5);
  await untilAllInOrder();

  await first.stop();
  await waitFor(() => second.holds() === SHARDS, { describe: 'the second to hold every shard' });
  await append(5);
  await untilAllInOrder();
  const standings = await listProjectionStandings(database);
  expect(new Set(standings.map(({ holder }) => holder)).size).toBe(1);
  expect(standings.map(({ leaseLeftMs = 0 }) => leaseLeftMs > 0)).toEqual(standings.map(() => true));
});
