import { spawn } from 'node:child_process';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

export interface ClusterOwner {
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
}

export interface Cluster {
  readonly data: string;
  readonly made: boolean;
}

const SUPERUSER = 'postgres';
const MAJOR_VERSION = '18';

/**
 * Makes a database cluster in `<place>/18` with a database `runcast`, and leaves one that is there as it is;
 * `made` says which. A start that was killed half-way left `18.partial`, which is begun anew.
 *
 * Everything is said to Postgres in single-user mode, before it ever listens: there is no moment in which it
 * answers without a password.
 */
export async function initialisePostgres(place: string, owner: ClusterOwner, password: string): Promise<Cluster> {
  const data = join(place, MAJOR_VERSION);
  if (await exists(join(data, 'PG_VERSION'))) return { data, made: false };
  const partial = `${data}.partial`;
  await rm(partial, { recursive: true, force: true });
  await run(owner, owner.binaries.initdb, [...INITDB, `--username=${SUPERUSER}`, `--pgdata=${partial}`]);
  await singleUser(partial, owner, [...setPassword(password), 'CREATE DATABASE runcast']);
  await writeFile(join(partial, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  await rename(partial, data);
  return { data, made: true };
}

/** Gives the superuser of a stopped cluster another password: the file that held the old one was lost. */
export async function replacePassword(data: string, owner: ClusterOwner, password: string): Promise<void> {
  await singleUser(data, owner, setPassword(password));
}

/** The same order of text on every machine, whatever its locales are. `trust` ends before the first start. */
const INITDB = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--auth=trust',
  '--no-instructions',
];

function setPassword(password: string): string[] {
  return [`ALTER ROLE ${SUPERUSER} PASSWORD '${password}'`];
}

async function singleUser(data: string, owner: ClusterOwner, statements: readonly string[]): Promise<void> {
  const args = ['--single', '-D', data, '-c', 'log_statement=none', 'postgres'];
  // Each line is one statement in this mode.
  const output = await run(owner, owner.binaries.postgres, args, `${statements.join('\n')}\n`);
  if (/\bERROR:/.test(output)) throw new Error(`Postgres refused its set-up: ${output.trim()}`);
}

function run(owner: ClusterOwner, command: string, args: readonly string[], input = ''): Promise<string> {
  const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  // The working directory may be closed to the account, and Postgres insists on reading it.
  const child = spawn(command, args, { ...owner.account, cwd: '/', env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} failed (exit code ${code}): ${output.trim()}`));
    });
  });
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
