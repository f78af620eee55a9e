import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import {
  claimProjection,
  getRun,
  limitAgent,
  listRunEvents,
  migrate,
  openDatabase,
  type Database,
  type Projection,
} from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { freshDatabase, freshNamespace, testBackends } from '@runcast/test-harness';
import { LogClock } from './log-clock.ts';
import { sweepRuns, type SweepRules } from './sweep-runs.ts';

const MINUTE = 60_000;
const RULES: SweepRules = {
  everyMs: 1,
  limits: { runningMs: 15 * MINUTE, waitingMs: 60 * MINUTE },
  allowanceMs: 10 * MINUTE,
};

let database: Database;
let log: EventLog;
let projection: Projection;
let clock: LogClock;
/** What has passed for this process since it began. The log's own time hardly moves in a spec. */
let elapsedMs: number;

beforeEach(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  log = await EventLog.connect({
    servers: testBackends().natsUrl,
    clientName: 'spec',
    namespace: freshNamespace(),
    shards: 1,
    maxBytes: 50_000_000,
  });
  elapsedMs = 0;
  clock = new LogClock({ elapsed: () => elapsedMs, quietMs: 2 * RULES.limits.waitingMs, rememberedMs: 0 });
  projection = await claim('one');
});
afterEach(async () => {
  await log.close();
  await database.end();
});

async function claim(holder: string): Promise<Projection> {
  const claimed = await claimProjection(database, { shard: 0, holder, leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  return claimed.projection;
}

let said = 0;
async function say(type: string, given: Partial<RunEvent> = {}): Promise<void> {
  said += 1;
  const event: RunEvent = {
    id: `event-${said}`,
    tenant: 'acme',
    run: 'r1',
    type,
    level: 'info',
    occurredAt: '2026-11-21T10:00:00.000000Z',
    dialect: 'runcast',
    data: type === 'human-input.requested' ? { question: 'Go on?' } : {},
    raw: '{}',
    ...given,
  };
  await log.append([event]);
}

/** Brings the tables to the end of the log. */
async function project(): Promise<void> {
  const { lastSequence } = await log.identity(0);
  const reading = new AbortController();
  const { sequence: after } = projection.claim;
  if (after >= lastSequence) return;
  for await (const batch of log.tail(0, { after, maxEntries: 100, signal: reading.signal })) {
    clock.read(batch);
    await projection.commit(batch);
    if (projection.claim.sequence >= lastSequence) reading.abort();
  }
}

const sweep = (given: Partial<SweepRules> = {}) =>
  sweepRuns({ projection, database, log, clock, rules: { ...RULES, ...given } });
const run = (name = 'r1') => getRun(database, { tenant: 'acme', run: name });
const swept = (givenUp: number) => ({ outcome: 'swept', givenUp });

describe('A run that is silent beyond its limit', () => {
  it('is given up by an event in the log, which names what the run named, and a late word revives it', async () => {
    await say('run.started', { session: 's1', agent: 'helper', flow: 'f1' });
    await project();
    elapsedMs += 15 * MINUTE - 1_000;
    expect(await sweep()).toEqual(swept(0));
    elapsedMs += 2_000;
    expect(await sweep()).toEqual(swept(1));
    expect(await run()).toMatchObject({ status: 'running' }); // the tables follow the log, nothing else
    await project();
    expect(await run()).toMatchObject({ status: 'error', statusReason: 'stale' });
    const { items } = await listRunEvents(database, { tenant: 'acme', run: 'r1', limit: 10 });
    expect(items.at(-1)).toMatchObject({
      type: 'run.went-stale',
      level: 'error',
      session: 's1',
      agent: 'helper',
      flow: 'f1',
      data: { idleMs: 15 * MINUTE },
    });
    await say('step.started');
    await project();
    expect(await run()).toMatchObject({ status: 'running', statusReason: undefined, eventCount: 3 });
  });

  it('is given up once, however many sweepers say so, and again after it has spoken again', async () => {
    await say('run.started');
    await project();
    elapsedMs += 16 * MINUTE;
    const together = await Promise.all([sweep(), sweep(), sweep()]);
    expect(together).toContainEqual(swept(1));
    await sweep();
    await project();
    expect(await run()).toMatchObject({ eventCount: 2 });
    await say('step.started');
    await project();
    elapsedMs += 16 * MINUTE;
    await sweep();
    await project();
    expect(await run()).toMatchObject({ eventCount: 4, statusReason: 'stale' });
  });

  it('has the limit of its agent, and a longer one while it waits for a human', async () => {
    await say('run.started', { run: 'default', agent: 'helper' });
    await say('run.started', { run: 'patient', agent: 'thinker' });
    await say('human-input.requested', { run: 'waiting', agent: 'helper' });
    await say('human-input.requested', { run: 'hurried', agent: 'thinker' });
    await limitAgent(database, { tenant: 'acme', agent: 'thinker', runningMs: 30 * MINUTE, waitingMs: 5 * MINUTE });
    await project();
    const open = async () => {
      await sweep();
      await project();
      const names = ['default', 'patient', 'waiting', 'hurried'];
      const states = await Promise.all(names.map((name) => run(name)));
      return names.filter((_, index) => states[index]!.status !== 'error');
    };
    elapsedMs += 6 * MINUTE;
    expect(await open()).toEqual(['default', 'patient', 'waiting']);
    // The clock of the log has been heard anew, by the event just projected: the minutes count from here.
    elapsedMs += 16 * MINUTE;
    expect(await open()).toEqual(['patient', 'waiting']);
    elapsedMs += 31 * MINUTE;
    expect(await open()).toEqual(['waiting']);
    elapsedMs += 61 * MINUTE;
    expect(await open()).toEqual([]);
  });
});

describe('A run is not given up', () => {
  it('while it sends heartbeats', async () => {
    await say('run.started');
    await project();
    for (let beat = 0; beat < 4; beat += 1) {
      elapsedMs += 10 * MINUTE;
      await say('run.heartbeat');
      await project();
      expect(await sweep()).toEqual(swept(0));
    }
  });

  it('after its end', async () => {
    await say('run.started');
    await say('run.completed');
    await project();
    elapsedMs += 600 * MINUTE;
    expect(await sweep()).toEqual(swept(0));
  });

  it('when its word stands in the log and not yet in the tables', async () => {
    await say('run.started');
    await project();
    elapsedMs += 16 * MINUTE;
    await say('step.started');
    expect(await sweep()).toEqual(swept(0));
  });

  it('when it speaks between the question to the log and the word that gives it up', async () => {
    await say('run.started');
    await say('run.started', { run: 'silent' });
    await project();
    elapsedMs += 16 * MINUTE;
    const shard = log.shard(0);
    const interrupted = Object.assign(Object.create(shard) as typeof shard, {
      newest: async (...asked: Parameters<typeof shard.newest>) => {
        const answer = await shard.newest(...asked);
        await say('step.started');
        return answer;
      },
    });
    const racing = { identity: log.identity.bind(log), shard: () => interrupted };
    expect(await sweepRuns({ projection, database, log: racing, clock, rules: RULES })).toEqual(swept(1));
    await project();
    expect(await run()).toMatchObject({ status: 'running', eventCount: 2 });
    expect(await run('silent')).toMatchObject({ statusReason: 'stale' });
  });

  it('when the tables are far behind the log', async () => {
    await say('run.started');
    await project();
    elapsedMs += 16 * MINUTE;
    const ahead = { ...(await log.identity(0)) };
    const lagging = {
      identity: () => Promise.resolve({ ...ahead, lastSequence: ahead.lastSequence + 2_000 }),
      shard: log.shard.bind(log),
    };
    expect(await sweepRuns({ projection, database, log: lagging, clock, rules: RULES })).toEqual({
      outcome: 'lagging',
    });
  });

  it('before anything is known of the time of the log', async () => {
    await say('run.started');
    await project();
    clock = new LogClock({ elapsed: () => elapsedMs, quietMs: MINUTE, rememberedMs: 0 });
    expect(await sweep()).toEqual({ outcome: 'no-clock' });
  });

  it('for a silence in which nobody of the shard was heard, up to what is allowed', async () => {
    clock = new LogClock({ elapsed: () => elapsedMs, quietMs: MINUTE, rememberedMs: RULES.allowanceMs });
    await say('run.started');
    await project();
    elapsedMs += 20 * MINUTE; // intake is down: 15 for the run, 5 of the 10 that are allowed
    expect(await sweep()).toEqual(swept(0));
    expect(await sweep({ allowanceMs: 0 })).toEqual(swept(1)); // control: without the allowance it would have been
    await project();
    await say('step.started', { run: 'r2' });
    await project();
    elapsedMs += 26 * MINUTE; // nobody came back
    expect(await sweep()).toEqual(swept(1));
  });
});
