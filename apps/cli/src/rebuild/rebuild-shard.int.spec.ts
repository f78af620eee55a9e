import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventLog, type LogEntry } from '@runcast/event-log';
import { isSame, migrate, openDatabase, projectedPosition, type Database } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { freshDatabase, freshNamespace, startTcpProxy, testBackends, waitFor } from '@runcast/test-harness';
import { rebuildShard, type RebuildJob } from './rebuild-shard.ts';
import { startProjector } from './small-projector.fixture.ts';

/** Hundreds of records are projected several times over here, and processes are started from their sources. */
const PATIENCE_MS = 100_000;
jest.setTimeout(3 * PATIENCE_MS);

let url: string;
let database: Database;
let log: EventLog;
let namespace: string;
const cleanUps: (() => Promise<unknown>)[] = [];

async function migrated(): Promise<{ url: string; database: Database }> {
  const fresh = await freshDatabase();
  await migrate(fresh.url);
  const opened = openDatabase({ databaseUrl: fresh.url, applicationName: 'spec' });
  cleanUps.push(() => opened.end());
  return { url: fresh.url, database: opened };
}

beforeEach(async () => {
  ({ url, database } = await migrated());
  log = await openLog(1);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function openLog(shards: number): Promise<EventLog> {
  namespace = freshNamespace();
  const opened = await EventLog.connect({
    servers: testBackends().natsUrl,
    clientName: 'spec',
    namespace,
    shards,
    maxBytes: 50_000_000,
  });
  cleanUps.push(() => opened.close());
  return opened;
}

let said = 0;
function event(given: Partial<RunEvent> = {}): RunEvent {
  said += 1;
  return {
    id: `event-${said}`,
    tenant: 'acme',
    run: `run-${said % 7}`,
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T10:00:00.000000Z',
    dialect: 'runcast',
    data: { step: `step ${said}` },
    raw: `{"n":${said}}`,
    ...given,
  };
}

/** A bit of everything: runs that start, call models, wait, end and start again, sessions joined late, poison. */
function someEvents(count: number, tenant = 'acme'): RunEvent[] {
  const types: [string, RunEvent['data']][] = [
    ['run.started', { input: { ask: 'why?' } }],
    ['llm-call.completed', { usage: { inputTokens: 5, outputTokens: 3, costUsd: 0.1 } }],
    ['human-input.requested', { question: 'Go on?' }],
    ['vendor.unknown', {}],
    ['run.completed', { output: 'because' }],
  ];
  const poison: [string, RunEvent['data']] = ['x'.repeat(200), {}];
  return Array.from({ length: count }, (_, index) => {
    const [type, data] = index % 61 === 5 ? poison : types[index % types.length]!;
    return event({ tenant, type, data, ...(index % 11 === 0 && { session: `session-${index % 3}`, agent: 'helper' }) });
  });
}

async function append(events: readonly RunEvent[], to = log): Promise<void> {
  for (let from = 0; from < events.length; from += 100) await to.append(events.slice(from, from + 100));
}

async function untilProjected(shard = 0, on = database): Promise<void> {
  const { lastSequence } = await log.identity(shard);
  await waitFor(async () => (await projectedPosition(on, shard))?.sequence === lastSequence, {
    describe: 'the tables to reach the end of the log',
    timeoutMs: PATIENCE_MS,
  });
}

const TABLES = ['event', 'run', 'session', 'session_run', 'dead_letter'];

/** Every row as text, dead letters without the moment at which they were parked. */
async function dump(from = database, where = 'true'): Promise<Record<string, string[]>> {
  const rows = TABLES.map(async (table) => {
    const sql = `SELECT (to_jsonb(t) - 'parked_at')::text AS row FROM ${table} AS t WHERE ${where} ORDER BY 1`;
    return [table, (await from.query<{ row: string }>(sql)).rows.map(({ row }) => row)] as const;
  });
  return Object.fromEntries(await Promise.all(rows));
}

function job(given: Partial<RebuildJob> = {}): RebuildJob {
  return {
    shard: 0,
    databaseUrl: url,
    log,
    holder: 'rebuild',
    compareOnly: false,
    acceptLoss: false,
    batchEntries: 50,
    closeEntries: 20,
    patienceMs: 2_000,
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    onProgress: () => undefined,
    ...given,
  };
}

function positionOf(entry: LogEntry): number {
  if (entry.kind === 'event') return entry.event.position.sequence;
  return entry.kind === 'link' ? entry.link.position.sequence : entry.position.sequence;
}

const DAMAGE = [
  `UPDATE run SET status = 'running', event_count = 0 WHERE run = 'run-1'`,
  `DELETE FROM event WHERE run = 'run-2'`,
  `DELETE FROM session`,
  `INSERT INTO session_run VALUES ('acme', 'never', 'run-1', 0, 1)`,
  `UPDATE event SET data = '{"forged": true}' WHERE run = 'run-3'`,
  `DELETE FROM dead_letter`,
];
async function damage(): Promise<void> {
  for (const statement of DAMAGE) await database.query(statement);
}

async function project(events: readonly RunEvent[]): Promise<void> {
  await append(events);
  const projector = startProjector(log, database);
  await untilProjected();
  await projector.stop();
}

/** `runcast rebuild`, in a process of its own. */
function startRebuild(): ChildProcess {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const place = {
    NATS_URL: testBackends().natsUrl,
    DATABASE_URL: url,
    RUNCAST_NAMESPACE: namespace,
    RUNCAST_SHARDS: '1',
  };
  const asWritten = [
    '--conditions=@runcast/source',
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
  ];
  const child = spawn(process.execPath, [...asWritten, main, 'rebuild'], {
    env: { ...process.env, ...place },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanUps.push(() => Promise.resolve(child.kill('SIGKILL')));
  return child;
}

/** How many sessions of a rebuild Postgres has. */
async function sessionsOfRebuild(which = 'true'): Promise<number> {
  const sql = `SELECT count(*) AS count FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'runcast rebuild' AND ${which}`;
  return (await database.query<{ count: number }>(sql)).rows[0]!.count;
}

async function holderOf(shard: number): Promise<string | null | undefined> {
  const sql = 'SELECT holder FROM projection WHERE shard = $1';
  return (await database.query<{ holder: string | null }>(sql, [shard])).rows[0]?.holder;
}

async function leftBehind(): Promise<unknown[]> {
  return (await database.query<{ nspname: string }>(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rebuild%'`))
    .rows;
}

describe('A rebuild of tables that are right', () => {
  it('finds no difference and writes nothing', async () => {
    await project(someEvents(300));
    const before = await dump();
    expect(before['dead_letter']).toHaveLength(5);
    const compared = await rebuildShard(job({ compareOnly: true }));
    expect(compared).toMatchObject({ outcome: 'compared' });
    expect(compared.outcome === 'compared' && compared.differences.every(isSame)).toBe(true);
    const swapped = await rebuildShard(job());
    expect(swapped).toMatchObject({ outcome: 'swapped' });
    expect(swapped.outcome === 'swapped' && swapped.changes.map(({ removed, inserted }) => removed + inserted)).toEqual(
      [0, 0, 0, 0, 0],
    );
    expect(await dump()).toEqual(before);
    expect(await leftBehind()).toEqual([]);
  });
});

describe('A rebuild of tables that are wrong', () => {
  it('tells every difference when it only compares, and changes nothing', async () => {
    await project(someEvents(120));
    await damage();
    const before = await dump();
    const compared = await rebuildShard(job({ compareOnly: true }));
    const differing = compared.outcome === 'compared' && compared.differences.map(({ examples: _, ...rest }) => rest);
    expect(differing).toMatchObject([
      { table: 'event', missing: expect.any(Number) as unknown, surplus: 0, different: expect.any(Number) as unknown },
      { table: 'run', missing: 0, surplus: 0, different: 1 },
      { table: 'session', missing: 3, surplus: 0, different: 0 },
      { table: 'session_run', missing: 0, surplus: 1, different: 0 },
      { table: 'dead_letter', missing: 2, surplus: 0, different: 0 },
    ]);
    expect(await dump()).toEqual(before);
  });

  it('makes each row what it was before the damage', async () => {
    await project(someEvents(300));
    const before = await dump();
    await damage();
    expect(await dump()).not.toEqual(before); // control: the comparison of this spec sees the damage
    expect(await rebuildShard(job())).toMatchObject({ outcome: 'swapped' });
    expect(await dump()).toEqual(before);
  });

  it('while events arrive and the projector goes on', async () => {
    await project(someEvents(400));
    await damage();
    const projector = startProjector(log, database);
    const arriving = new AbortController();
    const sender = (async () => {
      let rounds = 0;
      for (; rounds < 15 && !arriving.signal.aborted; rounds += 1) await append(someEvents(40));
      return rounds;
    })();
    expect(await rebuildShard(job())).toMatchObject({ outcome: 'swapped' });
    await append(someEvents(100));
    arriving.abort();
    expect(await sender).toBeGreaterThan(0);
    await untilProjected();
    await projector.stop();

    const fromScratch = await migrated();
    const second = startProjector(log, fromScratch.database);
    await untilProjected(0, fromScratch.database);
    await second.stop();
    expect(await dump()).toEqual(await dump(fromScratch.database));
  });
});

describe('A rebuild that is killed', () => {
  it('leaves the live tables as they were, wherever it dies, and the next one begins anew', async () => {
    await project(someEvents(300));
    const before = await dump();
    await damage();
    const damaged = await dump();
    const proxy = await startTcpProxy(url);
    cleanUps.push(() => proxy.close());
    const through = Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;
    for (const bytes of [400, 1_500, 3_000, 5_000, 7_000, 9_000]) {
      proxy.cutAfterBytes(bytes);
      await expect(rebuildShard(job({ databaseUrl: through }))).rejects.toThrow();
      expect(await dump()).toEqual(damaged);
    }
    const lost = rebuildShard(job({ databaseUrl: through, onProgress: () => proxy.cut() }));
    await expect(lost).rejects.toThrow();
    expect(await dump()).toEqual(damaged);
    expect(await leftBehind()).toHaveLength(1);

    await waitFor(
      () =>
        rebuildShard(job()).then(
          ({ outcome }) => outcome === 'swapped',
          () => false,
        ),
      { describe: 'the lock of the killed rebuild to be gone' },
    );
    expect(await dump()).toEqual(before);
    expect(await leftBehind()).toEqual([]);
  });

  it('cannot swap any more when a projector has taken the shard from it', async () => {
    await project(someEvents(60));
    await damage();
    const damaged = await dump();
    let batches = 0;
    // Between its taking the shard and its swap: as if it had been frozen there beyond its lease.
    const meanwhile: RebuildJob['log'] = {
      identity: log.identity.bind(log),
      async *tail(shard, options) {
        await waitFor(async () => (await holderOf(0)) === 'rebuild', { describe: 'the shard to be taken' });
        await database.query(`UPDATE projection SET holder = 'other', fence = fence + 1`);
        yield* log.tail(shard, options);
      },
    };
    // All that it catches up with, it does while the shard is its own.
    const closeEntries = Number.POSITIVE_INFINITY;
    const taken = rebuildShard(job({ log: meanwhile, closeEntries, onProgress: () => (batches += 1) }));
    expect(await taken).toEqual({ outcome: 'fenced-out' });
    expect(batches).toBeGreaterThan(0);
    expect(await dump()).toEqual(damaged);
  });

  it.each([
    ['while it waits for the shard', 'SELECT 1 FROM projection FOR UPDATE'],
    ['in the middle of its swap', 'LOCK TABLE session IN EXCLUSIVE MODE'],
  ])('with -9 %s leaves the tables as they were, and the next one swaps', async (_when, obstacle) => {
    await project(someEvents(300));
    const before = await dump();
    await damage();
    const damaged = await dump();
    const inTheWay = await database.connect();
    cleanUps.push(() => Promise.resolve(inTheWay.release(true)));
    await inTheWay.query(`BEGIN; ${obstacle}`);
    const killed = startRebuild();
    const waits = async () => (await sessionsOfRebuild(`wait_event_type = 'Lock'`)) === 1;
    await waitFor(waits, { timeoutMs: PATIENCE_MS, describe: 'it to wait' });
    killed.kill('SIGKILL');
    expect(await once(killed, 'close')).toEqual([null, 'SIGKILL']);
    await inTheWay.query('ROLLBACK');
    await waitFor(async () => (await sessionsOfRebuild()) === 0, { describe: 'Postgres to notice' });
    expect(await dump()).toEqual(damaged);
    expect(await leftBehind()).toHaveLength(1);

    expect(await once(startRebuild(), 'close')).toEqual([0, null]);
    expect(await dump()).toEqual(before);
    expect(await leftBehind()).toEqual([]);
  });

  it('is not joined by a second one', async () => {
    await project(someEvents(60));
    const gate = Promise.withResolvers<void>();
    const first = rebuildShard(
      job({ log: { identity: () => gate.promise.then(() => log.identity(0)), tail: log.tail.bind(log) } }),
    );
    await waitFor(async () => (await leftBehind()).length === 1, { describe: 'the first to have begun' });
    await expect(rebuildShard(job())).rejects.toMatchObject({ code: 'rebuild-under-way' });
    gate.resolve();
    expect(await first).toMatchObject({ outcome: 'swapped' });
  });
});

describe('Where the log is not complete any more', () => {
  /** The log as it is after everything up to `sequence` has been trimmed. */
  function trimmed(sequence: number): RebuildJob['log'] {
    return {
      identity: async (shard) => ({ ...(await log.identity(shard)), firstSequence: sequence + 1 }),
      tail: (shard, options) => log.tail(shard, { ...options, after: Math.max(options.after, sequence) }),
    };
  }

  it('the older part comes from the retained events, also when all of the log has been trimmed', async () => {
    await project(someEvents(300));
    const before = await dump();
    for (const statement of [DAMAGE[0]!, DAMAGE[2]!]) await database.query(statement);
    const { lastSequence } = await log.identity(0);
    expect(await rebuildShard(job({ log: trimmed(150) }))).toMatchObject({ outcome: 'swapped' });
    expect(await dump()).toEqual(before);
    for (const statement of [DAMAGE[0]!, DAMAGE[2]!]) await database.query(statement);
    expect(await rebuildShard(job({ log: trimmed(lastSequence) }))).toMatchObject({ outcome: 'swapped' });
    expect(await dump()).toEqual(before);
  });

  it('because it was purged while it was read, nothing is swapped, and the next rebuild takes what was retained', async () => {
    await project(someEvents(300));
    const before = await dump();
    await database.query(DAMAGE[2]!);
    const damaged = await dump();
    let read = 0;
    const purgedMeanwhile: RebuildJob['log'] = {
      identity: log.identity.bind(log),
      // What the server does then: it goes on behind the gap without a word.
      async *tail(shard, options) {
        for await (const batch of log.tail(shard, options)) {
          const left = read === 0 ? batch : batch.filter((entry) => positionOf(entry) > 150);
          read += 1;
          if (left.length > 0) yield left;
        }
      },
    };
    const outcome = await rebuildShard(job({ log: purgedMeanwhile }));
    expect(outcome.outcome).toBe('would-lose-events');
    expect(await dump()).toEqual(damaged);
    expect(await rebuildShard(job({ log: trimmed(150) }))).toMatchObject({ outcome: 'swapped' });
    expect(await dump()).toEqual(before);
  });

  it('events are not removed unless that was accepted', async () => {
    await project(someEvents(60));
    const old = await dump();
    const other = await openLog(1);
    await append(someEvents(5), other);
    expect(await rebuildShard(job({ log: other }))).toEqual({ outcome: 'would-lose-events', events: 59 });
    expect(await dump()).toEqual(old);
    expect(await rebuildShard(job({ log: other, acceptLoss: true }))).toMatchObject({ outcome: 'swapped' });
    expect((await dump())['event']).toHaveLength(5);
    expect(await projectedPosition(database, 0)).toEqual({
      epoch: (await other.identity(0)).epoch,
      sequence: (await other.identity(0)).lastSequence,
    });
  });
});

it('Of several shards, only the rows of the one that is rebuilt are replaced', async () => {
  log = await openLog(2);
  const tenants = Array.from({ length: 12 }, (_, number) => `tenant-${number}`);
  for (const tenant of tenants) await append(someEvents(30, tenant));
  const projectors = [0, 1].map((shard) => startProjector(log, database, shard));
  await untilProjected(0);
  await untilProjected(1);
  for (const projector of projectors) await projector.stop();
  const before = { zero: await dump(database, 'shard = 0'), one: await dump(database, 'shard = 1') };
  expect(before.zero['run']!.length * before.one['run']!.length).toBeGreaterThan(0);
  await database.query(`UPDATE run SET event_count = 0`);
  const damaged = await dump(database, 'shard = 1');
  expect(await rebuildShard(job({ shard: 0 }))).toMatchObject({ outcome: 'swapped' });
  expect(await dump(database, 'shard = 0')).toEqual(before.zero);
  expect(await dump(database, 'shard = 1')).toEqual(damaged);
  expect(await rebuildShard(job({ shard: 1 }))).toMatchObject({ outcome: 'swapped' });
  expect(await dump(database, 'shard = 1')).toEqual(before.one);
});
