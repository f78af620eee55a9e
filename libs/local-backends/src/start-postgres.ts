import { randomBytes } from 'node:crypto';
import { readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BackendDidNotStartError } from './errors.ts';
import { freePort } from './free-port.ts';
import { initialisePostgres, replacePassword, type ClusterOwner } from './initialise-postgres.ts';
import { launch, type LaunchedProcess } from './launch.ts';
import { placePostgresData } from './place-postgres-data.ts';
import { postgresAccount } from './postgres-account.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import type { RunningBackend } from './running-backend.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface PostgresOptions {
  /** Made when it does not exist; used again when it does. May become a link, see placePostgresData. */
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Holds the superuser's password (0600); written at the first start. */
  readonly passwordFile: string;
  readonly logFile: string;
  /** Server settings beside ours, e.g. `{ fsync: 'off' }` for data that nobody will miss. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told as soon as the process exists: whoever records it can end it even when we are killed before it answers. */
  readonly onSpawn?: (pid: number) => void;
}

/** Recovery after a crash replays the write-ahead log first. */
const READY_MS = 60_000;
const STOP_MS = 20_000;
const PORT_ATTEMPTS = 3;

/** Starts Postgres 18 on the loopback with a database `runcast`. Recovers by itself from whatever ended it before. */
export async function startPostgres(options: PostgresOptions): Promise<RunningBackend> {
  const account = await postgresAccount();
  const owner: ClusterOwner = { account, binaries: await postgresBinaries(account) };
  const place = await placePostgresData(options.dataDir, account);
  const { password, isNew } = await keptPassword(options.passwordFile);
  const { data, made } = await initialisePostgres(place, owner, password);
  await removeStrangersLock(data);
  if (isNew && !made) await replacePassword(data, owner, password);
  return startOnPort(options, data, owner, password);
}

async function keptPassword(file: string): Promise<{ password: string; isNew: boolean }> {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '') return { password: kept, isNew: false };
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  return { password, isNew: true };
}

async function startOnPort(
  options: PostgresOptions,
  data: string,
  owner: ClusterOwner,
  password: string,
): Promise<RunningBackend> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port || (await freePort());
    try {
      return running(await startServer(options, data, owner, port), port, password);
    } catch (error) {
      // Somebody may have taken the free port meanwhile; a port that was asked for stays as it is.
      const again = options.port === 0 && attempt < PORT_ATTEMPTS && error instanceof BackendDidNotStartError;
      if (!again) throw error;
    }
  }
}

async function startServer(
  options: PostgresOptions,
  data: string,
  { binaries, account }: ClusterOwner,
  port: number,
): Promise<LaunchedProcess> {
  const settings = { ...OURS, port: String(port), ...options.settings };
  const process = await launch({
    command: binaries.postgres,
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    logFile: options.logFile,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    cwd: '/',
    account,
  });
  options.onSpawn?.(process.pid);
  const { logFile } = options;
  const answers = async (): Promise<boolean> => (await lockFile(data))?.ready === process.pid;
  await waitUntilReady({ backend: 'Postgres', process, logFile, withinMs: READY_MS, answers });
  return process;
}

/** No socket file: its folder may be closed to us or its path too long. */
const OURS = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' };

function running(process: LaunchedProcess, port: number, password: string): RunningBackend {
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/runcast`,
    pid: process.pid,
    port,
    exited: process.exited,
    async stop() {
      // SIGINT is the "fast" way down: sessions are ended, and all is written. SIGTERM would wait for every client.
      await process.stop('SIGINT', STOP_MS);
    },
  };
}

/** What the server says about itself in its lock file; `ready` is its pid once it takes connections. */
async function lockFile(data: string): Promise<{ pid: number; ready: number | undefined } | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return { pid, ready: lines[7]?.trim() === 'ready' ? pid : undefined };
}

/**
 * After a crash the lock file names a pid that somebody else may have by now, in a container even most likely; Postgres
 * would take that process for itself and refuse to start. (Its own check suffices where there is no /proc.)
 */
async function removeStrangersLock(data: string): Promise<void> {
  const lock = await lockFile(data);
  const program = lock && (await readlink(`/proc/${lock.pid}/exe`).catch(() => undefined));
  if (program !== undefined && !program.endsWith('/postgres')) await rm(join(data, 'postmaster.pid'));
}
