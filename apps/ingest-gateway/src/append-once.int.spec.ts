import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DUPLICATE_WINDOW_MS, EventLog } from '@runcast/event-log';
import type { StoredEvent } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { AppendOnce, type FindStored } from './append-once.ts';

const LATER = 2 * DUPLICATE_WINDOW_MS;

let log: EventLog;
let asked = 0;
let faults = 0;
beforeAll(async () => {
  const settings = {
    servers: testBackends().natsUrl,
    clientName: 'spec',
    namespace: freshNamespace(),
    shards: 1,
    maxBytes: 64 * 1024 * 1024,
  };
  log = await EventLog.connect(settings);
});
afterAll(() => log.close());

function event(run: string, id: string, raw = `{"id":"${id}"}`): RunEvent {
  return {
    id,
    tenant: 'acme',
    run,
    type: 'x',
    level: 'info',
    occurredAt: '2026-11-21T08:00:00.000000Z',
    dialect: 'runcast',
    data: {},
    raw,
  };
}

function once(stored: readonly StoredEvent[] | Error, afterMs = LATER): AppendOnce {
  const find: FindStored = () => {
    asked += 1;
    return stored instanceof Error ? Promise.reject(stored) : Promise.resolve(stored);
  };
  return new AppendOnce(
    log,
    find,
    () => (faults += 1),
    () => Date.now() + afterMs,
  );
}

const outcomes = (results: { outcome: string }[]) => results.map(({ outcome }) => outcome);

describe('an event of a run older than the duplicate window', () => {
  it('that the tables have is a duplicate, or a conflict with another text, and is not stored again', async () => {
    await log.append([event('old', 'first')]);
    const stored = [
      { run: 'old', id: 'same', sequence: 7, raw: '{"id":"same"}' },
      { run: 'old', id: 'other', sequence: 8, raw: '{}' },
    ];
    const results = await once(stored).append([
      event('old', 'new'),
      event('old', 'same'),
      event('old', 'other'),
      event('old', 'newer'),
    ]);
    expect(outcomes(results)).toEqual(['stored', 'duplicate', 'conflict', 'stored']);
    expect(results[1]).toMatchObject({ position: { sequence: 7, epoch: log.shard(0).epoch } });
    const shard = log.shard(0);
    const { entries } = await shard.readSubject(shard.runSubject('acme', 'old'), 0, 10);
    expect(entries.map((entry) => entry.kind === 'event' && entry.event.id)).toEqual(['first', 'new', 'newer']);
  });

  it('is taken when the tables cannot be asked, and that is reported', async () => {
    await log.append([event('outage', 'first')]);
    expect(outcomes(await once(new Error('no Postgres')).append([event('outage', 'second')]))).toEqual(['stored']);
    expect(faults).toBe(1);
  });
});

describe('an event of a young run', () => {
  it('costs no question to the tables: the log itself recognises repetitions', async () => {
    asked = 0;
    await once([], 0).append([event('young', 'a')]);
    expect(outcomes(await once([], 0).append([event('young', 'b'), event('young', 'a')]))).toEqual([
      'stored',
      'duplicate',
    ]);
    expect(asked).toBe(0);
  });
});
