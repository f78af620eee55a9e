import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EventLog, type LogEntry } from '@runcast/event-log';
import { obtainNatsServer, startNats, type RunningBackend } from '@runcast/local-backends';
import {
  completeErasure,
  copyTablesOut,
  liftHold,
  listRunEvents,
  migrate,
  openDatabase,
  pendingErasures,
  placeHold,
  projectedPosition,
  requestErasure,
} from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';
import { freshDatabase, freshNamespace, testBackends, waitFor } from '@runcast/test-harness';
import { buffer } from 'node:stream/consumers';
import { startProjector } from '../rebuild/small-projector.fixture.ts';
import { backup } from './backup.ts';
import { eraseAgain } from './erase-again.ts';
import { erasures } from './erasure-notes.ts';
import { restore } from './restore.ts';

const SHARDS = 2;
/** Nothing was erased since. */
const PLAIN = { replicas: 1, erasures: 'none' };
const TENANTS = ['acme', 'globex', 'initech', 'umbrella'];
let home: string;
/** The machine that a backup is restored on. */
let otherNats: RunningBackend;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'runcast-backup-'));
  const { path: binary } = await obtainNatsServer({ home, env: process.env, report: () => undefined });
  otherNats = await startNats({ binary, port: 0, storeDir: join(home, 'nats') });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await otherNats.stop();
  await rm(home, { recursive: true });
});

interface Place {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly namespace: string;
}

async function newPlace(natsUrl: string, namespace: string): Promise<Place> {
  return { natsUrl, namespace, databaseUrl: (await freshDatabase()).url };
}

/** The process of a command, as far as a command uses it. */
function hostAt({ natsUrl, databaseUrl, namespace }: Place, env: NodeJS.ProcessEnv = {}) {
  const said: string[] = [];
  const settings = { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, RUNCAST_NAMESPACE: namespace };
  const stdout = { write: (text: string) => said.push(text) };
  const host = { env: { ...settings, RUNCAST_SHARDS: String(SHARDS), ...env }, stdout } as unknown as NodeJS.Process;
  return { host, said };
}

async function openAt({ natsUrl, databaseUrl, namespace }: Place) {
  const size = { shards: SHARDS, maxBytes: 50_000_000 };
  const log = await EventLog.connect({ servers: natsUrl, clientName: 'spec', namespace, ...size });
  const database = openDatabase({ databaseUrl, applicationName: 'spec' });
  closing.push(
    () => log.close(),
    () => database.end(),
  );
  return { log, database };
}

type Opened = Awaited<ReturnType<typeof openAt>>;

function someEvents(tenant: string, from: number): RunEvent[] {
  return Array.from({ length: 60 }, (_, index) => ({
    id: `e${from + index}`,
    tenant,
    run: `run-${index % 5}`,
    ...(index % 10 === 0 && { session: `s-${index % 3}` }),
    type: index % 7 === 0 ? 'run.started' : 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T10:00:00.000000Z',
    dialect: 'runcast',
    data: { step: `tab \t and \\N of ${from + index}` },
    raw: `{"n":${from + index}}`,
  }));
}

async function takeIn({ log, database }: Opened, from: number): Promise<void> {
  const projectors = Array.from({ length: SHARDS }, (_, shard) => startProjector(log, database, shard));
  for (const tenant of TENANTS) await log.append(someEvents(tenant, from));
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const { lastSequence } = await log.identity(shard);
    const arrived = async () => (await projectedPosition(database, shard))?.sequence === lastSequence;
    await waitFor(async () => lastSequence === 0 || (await arrived()), { describe: `shard ${shard} to be projected` });
  }
  for (const projector of projectors) await projector.stop();
}

async function tablesOf({ databaseUrl }: Place): Promise<Record<string, string>> {
  const tables: Record<string, string> = {};
  await copyTablesOut(databaseUrl, async (table, rows) => void (tables[table] = (await buffer(rows)).toString()));
  return tables;
}

async function logOf({ log }: Opened): Promise<LogEntry[][]> {
  const shards = [];
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const { lastSequence } = await log.identity(shard);
    const entries: LogEntry[] = [];
    const stop = new AbortController();
    const tail = log.tail(shard, { after: 0, maxEntries: 1_000, signal: stop.signal });
    while (entries.length < lastSequence) entries.push(...(await tail.next()).value!);
    stop.abort();
    shards.push(entries);
  }
  return shards;
}

async function backedUp() {
  const place = await newPlace(testBackends().natsUrl, freshNamespace());
  await migrate(place.databaseUrl);
  const opened = await openAt(place);
  await takeIn(opened, 0);
  const folder = await mkdtemp(join(home, 'backup-'));
  const { host, said } = hostAt(place);
  expect(await backup(folder, host)).toBe(0);
  return { place, opened, folder, said };
}

describe('a backup', () => {
  it('restored elsewhere holds the same tables and the same log, and goes on behind the same positions', async () => {
    const { place, opened, folder, said } = await backedUp();
    expect(said.join('')).toContain('is a backup');
    const other = await newPlace(otherNats.url, place.namespace);
    expect(await restore(folder, PLAIN, hostAt(other).host)).toBe(0);

    const tables = await tablesOf(other);
    expect(tables).toEqual(await tablesOf(place));
    expect(tables['event']!.split('\n').length).toBeGreaterThan(TENANTS.length * 60);
    const restored = await openAt(other);
    expect(await logOf(restored)).toEqual(await logOf(opened));
    for (let shard = 0; shard < SHARDS; shard += 1) {
      expect(await restored.log.identity(shard)).toEqual(await opened.log.identity(shard));
    }

    await takeIn(restored, 60);
    const { items } = await listRunEvents(restored.database, { tenant: 'acme', run: 'run-1', limit: 1_000 });
    expect(items).toHaveLength(24);
  });

  it('taken while events come in is continued from where its tables stand', async () => {
    const { place, opened } = await backedUp();
    const folder = join(home, `while-writing-${place.namespace}`);
    // More in the log than in the tables: as when the log is copied a moment after them.
    for (const tenant of TENANTS) await opened.log.append(someEvents(tenant, 60));
    await backup(folder, hostAt(place).host);
    const other = await newPlace(otherNats.url, place.namespace);
    await restore(folder, PLAIN, hostAt(other).host);
    await takeIn(await openAt(other), 120);
    await takeIn(opened, 120);
    const eventsAt = async (at: Place) => (await tablesOf(at))['event']!.trimEnd().split('\n').length;
    expect(await eventsAt(other)).toBe(3 * 60 * TENANTS.length);
    expect(await eventsAt(place)).toBe(await eventsAt(other));
  });

  const DAMAGES: [string, (file: string) => Promise<void>][] = [
    ['cut off', async (file) => truncate(file, (await stat(file)).size - 1)],
    ['longer', (file) => appendFile(file, 'x')],
    ['missing', (file) => rm(file)],
    [
      'changed in one bit',
      async (file) => {
        const bytes = await readFile(file);
        bytes[bytes.length >> 1]! ^= 1;
        await writeFile(file, bytes);
      },
    ],
  ];
  it.each(DAMAGES)('with any file %s is refused by its name, and nothing is written', async (_how, damage) => {
    const { place, folder } = await backedUp();
    const other = await newPlace(otherNats.url, place.namespace);
    const files = (await readdir(folder)).filter((name) => name !== 'manifest.json');
    expect(files).toEqual(expect.arrayContaining(['log-0.snapshot', 'log-1.snapshot', 'table-event.copy.gz']));
    for (const name of files) {
      const whole = await readFile(join(folder, name));
      await damage(join(folder, name));
      await expect(restore(folder, PLAIN, hostAt(other).host)).rejects.toThrow(name);
      await writeFile(join(folder, name), whole);
    }
    // Mended, it goes into the same empty places: nothing was left there.
    expect(await restore(folder, PLAIN, hostAt(other).host)).toBe(0);
  });

  it('is not restored over anything, nor with another number of shards, nor without its manifest', async () => {
    const { place, folder } = await backedUp();
    await expect(restore(folder, PLAIN, hostAt(place).host)).rejects.toThrow('expected a NATS without a log');
    const elsewhere = { ...place, natsUrl: otherNats.url };
    await expect(restore(folder, PLAIN, hostAt(elsewhere).host)).rejects.toThrow('the database has tables already');
    const one = hostAt(elsewhere, { RUNCAST_SHARDS: '1' }).host;
    await expect(restore(folder, PLAIN, one)).rejects.toThrow('RUNCAST_SHARDS: expected 2');
    await expect(backup(folder, hostAt(place).host)).rejects.toThrow('expected an empty folder');
    await rm(join(folder, 'manifest.json'));
    await expect(restore(folder, PLAIN, hostAt(elsewhere).host)).rejects.toThrow('found no manifest.json');
  });
});

interface ErasedAfterwards {
  readonly place: Place;
  readonly opened: Opened;
  readonly folder: string;
  /** Stands in everything that is told of the run `gone`, and in nothing else. */
  readonly canary: string;
}

/** An installation with a backup, which holds the run `gone`, and whose log reaches further than its tables. */
async function withCanary(prepare: (opened: Opened) => Promise<unknown> = () => Promise.resolve()) {
  const place = await newPlace(testBackends().natsUrl, freshNamespace());
  const canary = `canary-${place.namespace}`;
  await migrate(place.databaseUrl);
  const opened = await openAt(place);
  const told = (id: string): RunEvent => ({
    ...someEvents('acme', 0)[0]!,
    ...{ id, run: 'gone', session: 's-0', agent: canary, data: { message: canary }, raw: `{"message":"${canary}"}` },
  });
  await opened.log.append([told('e1')]);
  await takeIn(opened, 0);
  await prepare(opened);
  await opened.log.append([told('e2')]);
  const folder = await mkdtemp(join(home, 'backup-'));
  await backup(folder, hostAt(place).host);
  await takeIn(opened, 60);
  return { place, opened, folder, canary };
}

/** As `runcast erase` and the projector do it. */
async function eraseGone({ place, opened }: ErasedAfterwards): Promise<void> {
  const shard = opened.log.shardFor('acme').number;
  await requestErasure(opened.database, { tenant: 'acme', shard, kind: 'run', subject: 'gone', actor: 'spec' });
  const asked = await pendingErasures(opened.database, shard);
  const options = { servers: place.natsUrl, clientName: 'spec', namespace: place.namespace, shards: SHARDS };
  await eraseAgain(place.databaseUrl, { ...options, maxBytes: 50_000_000 }, asked);
  expect(await completeErasure(opened.database, asked[0]!, {})).toBe('completed');
}

/** In which tables the canary stands, and whether it does in the log. */
async function found(canary: string, at: Place, opened: Opened): Promise<string[]> {
  const tables = Object.entries(await tablesOf(at)).filter(([, rows]) => rows.includes(canary));
  let log = '';
  for (let shard = 0; shard < SHARDS; shard += 1) log += await textOf(opened, shard);
  return [...tables.map(([table]) => table), ...(log.includes(canary) ? ['log'] : [])];
}

/** Everything that a shard holds, over its gaps. Its last record must not be one. */
async function textOf({ log }: Opened, shard: number): Promise<string> {
  const { lastSequence } = await log.identity(shard);
  const stop = new AbortController();
  let text = '';
  if (lastSequence === 0) return text;
  for await (const batch of log.tail(shard, { after: 0, maxEntries: 1_000, signal: stop.signal })) {
    text += JSON.stringify(batch);
    if (text.includes(`"sequence":${lastSequence}`)) stop.abort();
  }
  return text;
}

async function bytesOf(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return (await Promise.all(names.map((name) => readFile(name, 'latin1')))).join('');
}

describe('what was erased after a backup was taken', () => {
  it.each(['a file', 'the old database'])('stays erased when it is restored, as %s tells', async (source) => {
    const old = await withCanary();
    await eraseGone(old);
    const { host, said } = hostAt(old.place);
    await erasures({}, host);
    const file = join(home, `erasures-${old.place.namespace}`);
    await writeFile(file, said.join(''));
    const other = await newPlace(otherNats.url, old.place.namespace);
    const request = { replicas: 1, erasures: source === 'a file' ? file : old.place.databaseUrl };
    expect(await restore(old.folder, request, hostAt(other).host)).toBe(0);

    // What came between the copy of the tables and that of the log is left to the projector, who meets the mark.
    const restored = await openAt(other);
    expect(await found(old.canary, other, restored)).toEqual(['log']);
    await takeIn(restored, 120);
    const shard = restored.log.shardFor('acme');
    const asked = await pendingErasures(restored.database, shard.number);
    expect(asked.map(({ subject }) => subject)).toEqual(['gone']);
    await shard.erase(shard.runSubject('acme', 'gone'));
    expect(await completeErasure(restored.database, asked[0]!, {})).toBe('again');
    expect(await completeErasure(restored.database, asked[0]!, {})).toBe('completed');
    expect(await found(old.canary, other, restored)).toEqual([]);
    expect(await bytesOf(join(home, 'nats'))).not.toContain(old.canary);
    const { items } = await listRunEvents(restored.database, { tenant: 'acme', run: 'run-1', limit: 1_000 });
    expect(items).toHaveLength(24);
  });

  it('control: is back in the tables, the log and its files when nobody tells', async () => {
    const old = await withCanary();
    await eraseGone(old);
    const other = await newPlace(otherNats.url, old.place.namespace);
    await restore(old.folder, PLAIN, hostAt(other).host);
    const where = await found(old.canary, other, await openAt(other));
    expect(where).toEqual(expect.arrayContaining(['event', 'run', 'log']));
    expect(await bytesOf(join(home, 'nats'))).toContain(old.canary);
  });

  it('is not brought back by a legal hold that the backup has and that was lifted since', async () => {
    const held = { tenant: 'acme', kind: 'run', subject: 'gone', actor: 'spec' } as const;
    const old = await withCanary(({ database }) => placeHold(database, { ...held, reason: 'a lawsuit' }));
    await liftHold(old.opened.database, held);
    await eraseGone(old);
    const other = await newPlace(otherNats.url, old.place.namespace);
    await restore(old.folder, { replicas: 1, erasures: old.place.databaseUrl }, hostAt(other).host);
    expect(await found(old.canary, other, await openAt(other))).toEqual(['log']);
  });

  it('is carried on when it was under way, by the name that only the notes have', async () => {
    const old = await withCanary();
    const shard = old.opened.log.shardFor('acme').number;
    const request = { tenant: 'acme', shard, kind: 'session', subject: 's-0', actor: 'spec' } as const;
    await requestErasure(old.opened.database, request);
    const other = await newPlace(otherNats.url, old.place.namespace);
    await restore(old.folder, { replicas: 1, erasures: old.place.databaseUrl }, hostAt(other).host);
    expect(await found(old.canary, other, await openAt(other))).toEqual(['log']);
  });

  it('is told to tables that came back by other tools, and the projector erases again', async () => {
    const old = await withCanary();
    await eraseGone(old);
    const other = await newPlace(otherNats.url, old.place.namespace);
    await restore(old.folder, PLAIN, hostAt(other).host);
    const { host, said } = hostAt(other);
    expect(await erasures({ apply: old.place.databaseUrl }, host)).toBe(0);
    expect(said.join('')).toBe('1 notes; the projector erases 1 again\n');
    const { log, database } = await openAt(other);
    const asked = await pendingErasures(database, log.shardFor('acme').number);
    expect(asked.map(({ subject }) => subject)).toEqual(['gone']);
  });

  it.each([
    ['that is cut off', (text: string) => text.split('\n').slice(0, -2).join('\n'), 'found it cut off'],
    ['that is something else', () => '{"a":1}\n', 'expected what runcast erasures wrote'],
    ['with a line of somebody else', (text: string) => text.replace('"digest"', '"digits"'), 'line 2: expected digest'],
    ['with a broken line', (text: string) => text.replace('{"note"', '{note'), 'line 2: expected a JSON object'],
  ])('is not taken from a file %s, and nothing is restored', async (_what, spoil, problem) => {
    const old = await withCanary();
    await eraseGone(old);
    const { host, said } = hostAt(old.place);
    await erasures({}, host);
    const file = join(home, `spoilt-${old.place.namespace}`);
    await writeFile(file, spoil(said.join('')));
    const other = await newPlace(otherNats.url, old.place.namespace);
    const restoring = restore(old.folder, { replicas: 1, erasures: file }, hostAt(other).host);
    await expect(restoring).rejects.toThrow(problem);
    await expect(restore(old.folder, PLAIN, hostAt(other).host)).resolves.toBe(0);
  });
});
