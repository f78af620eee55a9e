import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import { listRunEvents, migrate, openDatabase, projectedPosition, getRun, type Database } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { createLogger, Metrics } from '@runcast/service-host';
import { freshDatabase, freshNamespace, startTcpProxy, testBackends, waitFor } from '@runcast/test-harness';
import { Backoff } from './backoff.ts';
import { projectShard } from './project-shard.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { ShardStatus } from './shard-status.ts';
import { Shares } from './shares.ts';
import type { SweepRules } from './sweep-runs.ts';

let url: string;
let database: Database;
let log: EventLog;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  ({ url } = await freshDatabase());
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  log = await openLog();
  cleanUps.push(() => database.end());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function openLog(): Promise<EventLog> {
  const { natsUrl } = testBackends();
  const options = {
    servers: natsUrl,
    clientName: 'spec',
    namespace: freshNamespace(),
    shards: 1,
    maxBytes: 50_000_000,
  };
  const opened = await EventLog.connect(options);
  cleanUps.push(() => opened.close());
  return opened;
}

interface Running {
  readonly status: ShardStatus;
  stop(): Promise<void>;
}

function start(
  holder: string,
  given: {
    leaseMs?: number;
    database?: Database;
    log?: EventLog;
    now?: () => number;
    sweep?: SweepRules;
    elapsed?: () => number;
  } = {},
): Running {
  const stopping = new AbortController();
  const status = new ShardStatus(given.now ?? Date.now);
  const done = projectShard(
    {
      shard: 0,
      holder,
      leaseMs: given.leaseMs ?? 1_000,
      maxEntries: 50,
      log: given.log ?? log,
      database: given.database ?? database,
      status,
      metrics: new ProjectorMetrics(new Metrics(), 1),
      backoff: new Backoff(5, 50, Math.random),
      shares: new Shares(1),
      sweep: given.sweep ?? NEVER,
      tidyEveryMs: 60_000,
      now: () => '2026-11-21T10:00:00.000000Z',
      elapsed: given.elapsed ?? (() => performance.now()),
      logger: createLogger({ service: 'spec', level: 'silent' }),
      pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await done;
  };
  cleanUps.push(stop);
  return { status, stop };
}

const NEVER: SweepRules = { everyMs: 3_600_000, limits: { runningMs: 1, waitingMs: 1 }, allowanceMs: 0 };

let appended = 0;
async function append(count: number, to = log): Promise<void> {
  const events = Array.from({ length: count }, (): RunEvent => {
    appended += 1;
    return {
      id: `event-${appended}`,
      tenant: 'acme',
      run: 'r1',
      session: 's1',
      type: 'step.started',
      level: 'info',
      occurredAt: '2026-11-21T10:00:00.000000Z',
      dialect: 'runcast',
      data: { step: 'plan' },
      raw: '{}',
    };
  });
  for (const outcome of await to.append(events)) expect(outcome.outcome).not.toBe('refused');
}

async function eventCount(): Promise<number> {
  return (await getRun(database, { tenant: 'acme', run: 'r1' }))?.eventCount ?? 0;
}

function untilCounted(count: number): Promise<boolean> {
  return waitFor(async () => (await eventCount()) === count, {
    describe: `${count} events in the tables`,
  });
}

describe('A projector', () => {
  it('brings the log into the tables, in order and without a gap, and follows it', async () => {
    await append(120);
    const { status } = start('one');
    await untilCounted(120);
    await append(3);
    await untilCounted(123);
    const { items } = await listRunEvents(database, { tenant: 'acme', run: 'r1', limit: 200 });
    const sequences = items.map(({ position }) => position.sequence);
    expect(sequences).toEqual(sequences.toSorted((left, right) => left - right));
    expect(items).toHaveLength(123);
    expect(status.check()).toMatchObject({ ready: true, facts: { state: 'projecting', lagEvents: 0 } });
  });

  it('goes on where it was after a restart', async () => {
    await append(10);
    const first = start('one');
    await untilCounted(10);
    await first.stop();
    await append(10);
    start('two');
    await untilCounted(20);
  });

  it('gives its lease back when it stops, so that the one standing by takes over at once', async () => {
    const first = start('one', { leaseMs: 60_000 });
    await waitFor(() => first.status.state === 'projecting', { describe: 'the first to project' });
    const second = start('two', { leaseMs: 600 });
    await waitFor(() => second.status.state === 'standby', { describe: 'the second to stand by' });
    await first.stop();
    await append(5);
    await untilCounted(5);
    expect(second.status.state).toBe('projecting');
  });

  it('steps back when another has taken over', async () => {
    const first = start('one', { leaseMs: 300 });
    await waitFor(() => first.status.state === 'projecting', { describe: 'the first to project' });
    // As if it had been frozen beyond its lease.
    await database.query(
      `UPDATE projection SET holder = 'two', fence = fence + 1, lease_until = now() + interval '1 hour'`,
    );
    await append(5);
    await waitFor(() => first.status.state === 'standby', { describe: 'the first to step back' });
    expect(await eventCount()).toBe(0);
  });

  it('survives any number of broken connections to Postgres and loses and doubles nothing', async () => {
    const proxy = await startTcpProxy(url);
    const fragile = openDatabase({
      databaseUrl: Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href,
      applicationName: 'fragile',
    });
    cleanUps.push(
      () => proxy.close(),
      () => fragile.end(),
    );
    const { status } = start('one', { database: fragile });
    for (let round = 1; round <= 10; round += 1) {
      proxy.cutAfterBytes(round * 150);
      await append(40);
    }
    await untilCounted(400);
    expect((await listRunEvents(database, { tenant: 'acme', run: 'r1', limit: 1_000 })).items).toHaveLength(400);
    await waitFor(() => status.state === 'projecting', { describe: 'the projector to be well again' });
  });
});

describe('A run that falls silent', () => {
  it('is given up by the projector of its shard, in the log, and revived by its next word', async () => {
    let elapsedMs = 0;
    const sweep: SweepRules = { everyMs: 20, limits: { runningMs: 900_000, waitingMs: 900_000 }, allowanceMs: 0 };
    start('one', { sweep, elapsed: () => elapsedMs });
    await append(2);
    await untilCounted(2);
    elapsedMs += 901_000;
    await untilCounted(3);
    expect(await getRun(database, { tenant: 'acme', run: 'r1' })).toMatchObject({ statusReason: 'stale' });
    await append(1);
    await untilCounted(4);
    expect(await getRun(database, { tenant: 'acme', run: 'r1' })).toMatchObject({ status: 'running' });
  });
});

describe('A projector that is frozen', () => {
  it('shows by the lag that one standing by tells of its shard', async () => {
    const proxy = await startTcpProxy(url);
    const freezing = openDatabase({
      databaseUrl: Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href,
      applicationName: 'freezing',
      waitMs: 2_000,
    });
    cleanUps.push(
      () => proxy.close(),
      () => freezing.end(),
    );
    const frozen = start('frozen', { leaseMs: 60_000, database: freezing });
    await append(4);
    await untilCounted(4);
    let watchMs = 0;
    const watching = start('watching', { leaseMs: 300, now: () => watchMs });
    await waitFor(() => watching.status.state === 'standby', { describe: 'the second to stand by' });
    expect(watching.status.check()).toMatchObject({ ready: true, facts: { lagEvents: 0, lagSeconds: 0 } });

    proxy.pause();
    await append(3);
    await waitFor(() => watching.status.lag().events === 3, { describe: 'the lag to show' });
    watchMs += 42_000;
    await append(1);
    await waitFor(() => watching.status.lag().events === 4, { describe: 'the lag to grow' });
    expect(watching.status.check()).toMatchObject({
      ready: true,
      facts: { state: 'standby', sequence: 5, lagEvents: 4, lagSeconds: 42 },
    });
    // Control: the frozen one itself knows nothing of it.
    expect(frozen.status.lag().seconds).toBe(0);

    proxy.resume();
    await untilCounted(8);
    await waitFor(() => watching.status.lag().events === 0, { describe: 'the lag to be gone' });
    expect(watching.status.lag().seconds).toBe(0);
  });
});

describe('A stream that the tables were not built from', () => {
  async function refusedAfter(
    change: () => Promise<unknown>,
    given: { log?: EventLog } = {},
  ): Promise<string | undefined> {
    await append(5);
    const first = start('one');
    await untilCounted(5);
    await first.stop();
    await change();
    const before = await projectedPosition(database, 0);
    const second = start('two', given);
    await waitFor(() => second.status.state === 'refused', { describe: 'the stream to be refused' });
    expect(await eventCount()).toBe(5);
    expect(await projectedPosition(database, 0)).toEqual(before);
    expect(second.status.state).toBe('refused');
    return second.status.check().detail;
  }

  it('is refused for its epoch', async () => {
    const other = await openLog();
    await append(20, other);
    expect(await refusedAfter(() => Promise.resolve(), { log: other })).toMatch(/epoch/);
  });

  it('is refused for being shorter than the tables', async () => {
    expect(await refusedAfter(() => database.query('UPDATE projection SET sequence = 999'))).toMatch(/ends at/);
  });

  it('is refused for holding another record where the tables end', async () => {
    expect(await refusedAfter(() => database.query(`UPDATE projection SET anchor = 'other'`))).toMatch(/not the one/);
  });
});
