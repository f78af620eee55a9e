import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { RunEvent } from '@runcast/run-events';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { MAX_APPEND_EVENTS, EventLog, LogBackup, LogBackupError, type LogEntry, type ShardCopy } from './index.ts';
import { streamName } from './streams.ts';

const EVENTS = 2 * MAX_APPEND_EVENTS;
let namespace: string;
let backup: LogBackup;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  namespace = freshNamespace();
  backup = await LogBackup.connect({ ...at(), clientName: 'spec' });
  closing.push(() => backup.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const at = () => ({ servers: testBackends().natsUrl, namespace });

async function openLog(): Promise<EventLog> {
  const log = await EventLog.connect({ ...at(), clientName: 'spec', shards: 1, maxBytes: 64 * 1024 * 1024 });
  closing.push(() => log.close());
  return log;
}

function events(from: number): RunEvent[] {
  return Array.from({ length: MAX_APPEND_EVENTS }, (_, index) => ({
    id: `e${from + index}`,
    tenant: 'acme',
    run: `run ${index % 7}`,
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T08:00:00.000000Z',
    dialect: 'runcast',
    data: { text: 'x'.repeat(500) },
    raw: `{"n":${from + index}}`,
  }));
}

async function filledLog(): Promise<EventLog> {
  const log = await openLog();
  for (let from = 0; from < EVENTS; from += MAX_APPEND_EVENTS) await log.append(events(from));
  return log;
}

async function everything(log: EventLog): Promise<LogEntry[]> {
  const stop = new AbortController();
  const entries: LogEntry[] = [];
  for await (const batch of log.tail(0, { after: 0, maxEntries: 1_000, signal: stop.signal })) {
    entries.push(...batch);
    if (entries.length >= EVENTS) break;
  }
  stop.abort();
  return entries;
}

async function copyOut(): Promise<{ copy: ShardCopy; chunks: Uint8Array[] }> {
  const chunks: Uint8Array[] = [];
  const copy = await backup.copyOut(0, (chunk) => Promise.resolve(void chunks.push(chunk)));
  return { copy, chunks };
}

async function loseStream(): Promise<void> {
  const connection = await connect({ servers: testBackends().natsUrl });
  await (await jetstreamManager(connection)).streams.delete(streamName(0, namespace));
  await connection.close();
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

it('a shard that was lost comes back with every entry at its position, and goes on behind the last', async () => {
  const log = await filledLog();
  const before = { identity: await log.identity(0), entries: await everything(log) };
  const { copy, chunks } = await copyOut();
  await loseStream();
  expect(await backup.find(0)).toBeUndefined();

  await backup.copyIn(copy, each(chunks), 1);
  const restored = await openLog();
  expect(await restored.identity(0)).toEqual(before.identity);
  expect(await everything(restored)).toEqual(before.entries);
  expect(await restored.append([events(EVENTS)[0]!])).toMatchObject([
    { outcome: 'stored', position: { epoch: before.identity.epoch, sequence: EVENTS + 1 } },
  ]);
});

it('tells how far the copy reaches while the log goes on', async () => {
  const log = await filledLog();
  const { copy } = await copyOut();
  await log.append(events(EVENTS));
  expect(copy.identity).toEqual({ ...(await log.identity(0)), lastSequence: EVENTS });
});

it('does not write over a shard that is there', async () => {
  await filledLog();
  const { copy, chunks } = await copyOut();
  await expect(backup.copyIn(copy, each(chunks), 1)).rejects.toThrow(LogBackupError);
  await expect(backup.copyIn(copy, each(chunks), 1)).rejects.toThrow('it exists already');
});

it('refuses a copy that lacks its end, and leaves nothing behind', async () => {
  await filledLog();
  const { copy, chunks } = await copyOut();
  await loseStream();
  const last = chunks.at(-1)!;
  const cut = [...chunks.slice(0, -1), last.subarray(0, last.length / 2)];
  await expect(backup.copyIn(copy, each(cut), 1)).rejects.toThrow(LogBackupError);
  expect(await backup.find(0)).toBeUndefined();
});

it('says that there is nothing to copy', async () => {
  await expect(copyOut()).rejects.toThrow('it does not exist');
});
