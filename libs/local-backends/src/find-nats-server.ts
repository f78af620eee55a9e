import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isAtLeast } from './nats-version.ts';

/** Where distributions put servers; an ordinary user's PATH often leaves them out. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin'];

/** Every nats-server on the search path, in its order. */
export async function natsServersOnPath(searchPath: string): Promise<string[]> {
  const folders = new Set([...searchPath.split(delimiter).filter(Boolean), ...SERVER_FOLDERS]);
  return keepAccessible(
    [...folders].map((folder) => join(folder, 'nats-server')),
    constants.X_OK,
  );
}

/** What earlier starts put into the cache, newest first. */
export async function cachedNatsServers(cacheFolder: string): Promise<string[]> {
  const versions = await readdir(cacheFolder).catch(() => []);
  const newestFirst = versions.sort((left, right) => (isAtLeast(left, right) ? -1 : 1));
  return keepAccessible(
    newestFirst.map((version) => join(cacheFolder, version, 'nats-server')),
    constants.X_OK,
  );
}

/** The folder that all clones of a user share, or one in `home` when that cannot be written. */
export async function natsCacheFolder(home: string, env: NodeJS.ProcessEnv): Promise<string> {
  const shared = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'runcast', 'nats-server');
  const writable = await mkdir(shared, { recursive: true })
    .then(() => access(shared, constants.W_OK))
    .then(() => true)
    .catch(() => false);
  return writable ? shared : join(home, 'cache', 'nats-server');
}

async function keepAccessible(paths: readonly string[], mode: number): Promise<string[]> {
  const checked = await Promise.all(
    paths.map((path) =>
      access(path, mode)
        .then(() => [path])
        .catch(() => []),
    ),
  );
  return checked.flat();
}
