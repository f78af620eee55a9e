import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import pg from 'pg';
import { WebSocket } from 'ws';
import { removeHome, startBuilt, type DevFile, type NpmStart } from './new-user.ts';

jest.setTimeout(240_000);

const CLONE = fileURLToPath(new URL('..', import.meta.url));
/** In the run's id, the user's id, the payload, a name that becomes a column, and a text that is stored as it came. */
const CANARY = 'canary-7f3a91c2';
const RUN = `run-${CANARY}`;
const USER = `user-${CANARY}`;

let home: string;
let run: NpmStart;
let dev: DevFile;
let adminKey: string;

async function start(): Promise<void> {
  const started = (run = startBuilt(CLONE, home, { RUNCAST_DEMO: 'off' }));
  const up = (): boolean => started.output().includes('Ctrl-C stops everything');
  const describe = (): string => `Runcast is up. It printed:\n${started.output()}`;
  await waitFor(() => up() || started.exitCode() !== undefined, { timeoutMs: 120_000, describe });
  dev = started.devFile();
}

async function stop(): Promise<void> {
  run.pressControlC();
  await run.exited;
}

async function runcast(...args: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: dev.databaseUrl, NATS_URL: dev.natsUrl };
  const { stdout } = await promisify(execFile)(process.execPath, [join(CLONE, 'apps/cli/dist/main.js'), ...args], {
    env,
  });
  return stdout.trim();
}

function ask(address: string, key: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return fetch(address, { ...init, headers });
}

async function send(event: object): Promise<Response> {
  return ask(`${dev.ingestUrl}/v1/events`, dev.apiKey, { method: 'POST', body: JSON.stringify(event) });
}

async function listed(path: string): Promise<boolean> {
  return (await ask(`${dev.realtimeUrl}${path}`, dev.apiKey)).ok;
}

/** Files below a folder that hold the text. */
function filesWith(text: string, folder: string, skip: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !skip.test(name) && statSync(join(folder, name), { throwIfNoEntry: false })?.isFile())
    .filter((name) => readFileSync(join(folder, name)).includes(text));
}

const inLog = () => filesWith(CANARY, join(home, 'nats'), /^$/);
/** The write-ahead log is left out: what it held stays there until it is recycled (decision 0012). */
const inTableFiles = () => filesWith(CANARY, realpathSync(join(home, 'postgres')), /pg_wal|^log|pg_stat_tmp/);

/** Every table, whatever there is, that holds the text in any column of any row. */
async function tablesWith(text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: dev.databaseUrl });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`,
  );
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${name} AS t WHERE t::text LIKE $1 LIMIT 1`, [`%${text}%`]);
    if (rowCount) found.push(name);
  }
  await client.end();
  return found;
}

function watchSocket(
  path: string,
  commands: object[] = [],
): { frames: string[]; closed: Promise<number>; close(): void } {
  const socket = new WebSocket(`${dev.realtimeUrl.replace('http', 'ws')}${path}`, {
    headers: { authorization: `Bearer ${dev.apiKey}` },
  });
  const frames: string[] = [];
  socket.on('message', (data) => frames.push((data as Buffer).toString()));
  socket.once('open', () => commands.forEach((command) => socket.send(JSON.stringify(command))));
  return { frames, closed: new Promise((resolve) => socket.once('close', resolve)), close: () => socket.close() };
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'runcast-erasure-'));
  await start();
  adminKey = await runcast('keys', 'create', '--tenant', dev.tenant, '--scopes', 'admin,read');
});
afterAll(async () => {
  await stop();
  removeHome(home);
});

describe("An erased run's canary", () => {
  it('is in the log, the tables and their files before: the search can find it', async () => {
    const input = { question: CANARY, long: `${CANARY} `.repeat(3_000) };
    for (const event of [
      { id: 'e1', type: 'run.started', run: RUN, session: 'chat-1', agent: CANARY, data: { userId: USER, input } },
      { id: 'e2', type: 'message.sent', run: RUN, session: 'chat-1', data: { content: CANARY } },
      { id: 'e3', type: 'run.started', run: 'stays', session: 'chat-1', data: { userId: 'somebody-else' } },
      { id: 'e4', type: 'run.completed', run: 'stays', session: 'chat-1', data: { output: 'fine' } },
    ]) {
      expect((await send(event)).status).toBe(202);
    }
    await waitFor(() => listed('/v1/runs/stays'), { describe: 'the last run is listed' });
    await runcast('rebuild', '--compare');
    expect(inLog()).not.toEqual([]);
    expect(await tablesWith(CANARY)).toEqual(expect.arrayContaining(['event', 'run', 'session', 'session_run']));
  });

  it('is nowhere once its user was erased: the feed ends, the receipt counts nothing, files and tables are clean', async () => {
    const watched = watchSocket(`/v1/runs/${RUN}/stream`);
    await waitFor(() => watched.frames.some((frame) => frame.includes('e2')), { describe: 'the feed shows the run' });
    const receipt = JSON.parse(await runcast('erase', '--tenant', dev.tenant, '--user', USER, '--compact')) as object;
    expect(receipt).toMatchObject({
      runs: 1,
      log: { events: 2, links: 1, overwritten: true, left: 0 },
      tables: { left: { events: 0, runs: 0, links: 0, deadLetters: 0 } },
    });
    expect(await watched.closed).toBe(4502);
    expect(watched.frames.at(-1)).toBe('{"control":"erased"}');
    // Who asks for it afterwards on a socket that it shares is told so as well, and keeps the socket.
    const shared = watchSocket('/v1/stream', [{ action: 'subscribe', subscription: 's', run: RUN }]);
    await waitFor(() => shared.frames.some((frame) => frame.includes('"erased"')), { describe: 'the run is no more' });
    shared.close();
    expect({ log: inLog(), tables: await tablesWith(CANARY), files: inTableFiles() }).toEqual({
      log: [],
      tables: [],
      files: [],
    });
    const audit = await (await ask(`${dev.realtimeUrl}/v1/audit`, adminKey)).text();
    expect(audit).toContain('erasure.completed');
    expect(audit).not.toContain(CANARY);
  });

  it('does not come back with a late retry', async () => {
    const retry = { id: 'e2', type: 'message.sent', run: RUN, data: { content: CANARY } };
    // Until the gateway has heard of the erasure it knows the event, and refuses it for being another of the same id.
    const refused = async () => {
      const late = await send(retry);
      expect([409, 410]).toContain(late.status);
      return late.status === 410 ? ((await late.json()) as { code: string }).code : undefined;
    };
    expect(await waitFor(refused, { describe: 'the gateway knows of the erasure' })).toBe('erased');
    expect((await ask(`${dev.realtimeUrl}/v1/runs/${RUN}/stream`, dev.apiKey)).status).toBe(410);
  });

  it('is nowhere after a restart and a rebuild either, and the session has what the other run said', async () => {
    await stop();
    expect(inLog()).toEqual([]);
    await start();
    expect(await runcast('rebuild', '--compare')).toContain('0');
    await runcast('rebuild');
    await waitFor(() => listed('/v1/runs/stays'), { describe: 'the other run is listed' });
    expect(await listed(`/v1/runs/${RUN}`)).toBe(false);
    const found = { log: inLog(), tables: await tablesWith(CANARY), files: inTableFiles() };
    expect(found).toEqual({ log: [], tables: [], files: [] });
    const session = (await (await ask(`${dev.realtimeUrl}/v1/sessions/chat-1`, dev.apiKey)).json()) as object;
    expect(session).toMatchObject({ run_count: 1, event_count: 2 });
  });
});

describe('An export', () => {
  it('is verified by a command that needs nothing but the file, whose hash the audit log has', async () => {
    const file = join(home, 'stays.ndjson');
    const exported = await (await ask(`${dev.realtimeUrl}/v1/sessions/chat-1/export`, adminKey)).text();
    writeFileSync(file, exported);
    const verdict = await runcast('verify', file);
    const [, chain] = /whole: 2 events, chain ([0-9a-f]{64})/.exec(verdict) ?? [];
    expect(await (await ask(`${dev.realtimeUrl}/v1/audit`, adminKey)).text()).toContain(chain);
    writeFileSync(file, exported.replace('fine', 'mine'));
    await expect(runcast('verify', file)).rejects.toMatchObject({
      code: 3,
      stdout: expect.stringContaining('line 3') as unknown,
    });
  });
});
