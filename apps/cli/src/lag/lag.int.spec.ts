import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { EventLog } from '@runcast/event-log';
import { claimProjection, migrate, openDatabase, type Database, type LogEntry } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { freshDatabase, freshNamespace, testBackends } from '@runcast/test-harness';
import { lagTable } from './lag-table.ts';
import { measureLag } from './measure-lag.ts';

let database: Database;
let log: EventLog;

beforeEach(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  const { natsUrl } = testBackends();
  const options = { servers: natsUrl, clientName: 'spec', namespace: freshNamespace(), shards: 2, maxBytes: 5e7 };
  log = await EventLog.connect(options);
});
afterEach(async () => {
  await log.close();
  await database.end();
});

const event = (number: number): RunEvent => ({
  id: `event-${number}`,
  tenant: 'acme',
  run: 'r1',
  session: 's1',
  type: 'step.started',
  level: 'info',
  occurredAt: '2026-11-21T10:00:00.000000Z',
  dialect: 'runcast',
  data: {},
  raw: '{}',
});

async function firstBatch(shard: number): Promise<LogEntry[]> {
  const reading = new AbortController();
  const entries: LogEntry[] = [];
  for await (const batch of log.tail(shard, { after: 0, maxEntries: 10, signal: reading.signal })) {
    entries.push(...batch);
    if (entries.length >= 4) reading.abort();
  }
  return entries;
}

it('The lag of a shard is told by the log and the tables, whatever its projector does', async () => {
  const stored = await log.append([event(1), event(2), event(3)]);
  const { shard } = (stored[0] as { position: { shard: number } }).position;
  const soon = () => Date.now() + 60_000;
  const lagOf = async () => (await measureLag(log, 2, database, soon))[shard]!;
  const before = await lagOf();
  expect(before).toMatchObject({ state: 'unattended', logEnd: 4, projected: 0, waiting: 4 });
  // The clock of this spec is a minute ahead: that is how long the first event has been waiting.
  expect(before.seconds).toBeGreaterThanOrEqual(58);
  expect(before.seconds).toBeLessThanOrEqual(75);

  const claimed = await claimProjection(database, { shard, holder: 'frozen', leaseMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('held');
  await claimed.projection.commit(await firstBatch(shard));
  await log.append([event(4)]);
  expect(await lagOf()).toMatchObject({ state: 'projecting', holder: 'frozen', projected: 4, waiting: 1 });
  await database.query(`UPDATE projection SET lease_until = now() - interval '1 second'`);
  expect(await lagOf()).toMatchObject({ state: 'unattended' });
  await database.query(`UPDATE projection SET epoch = 'other'`);
  expect(await lagOf()).toMatchObject({ state: 'foreign' });
  await database.query(`UPDATE projection SET epoch = $1, sequence = 5`, [(await log.identity(shard)).epoch]);
  expect(await lagOf()).toMatchObject({ waiting: 0, seconds: 0 });
});

it('It is shown in columns', () => {
  const lags = [
    { shard: 0, state: 'projecting' as const, holder: 'a-1', logEnd: 1_200, projected: 1_190, waiting: 10, seconds: 3 },
    { shard: 10, state: 'unattended' as const, logEnd: 7, projected: 7, waiting: 0, seconds: 0 },
  ];
  expect(lagTable(lags)).toEqual([
    'shard  state       log end  projected  waiting  seconds  holder',
    '    0  projecting     1200       1190       10        3  a-1',
    '   10  unattended        7          7        0        0  -',
  ]);
});
