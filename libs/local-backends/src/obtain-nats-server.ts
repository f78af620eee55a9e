import { chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NoNatsServerError } from './errors.ts';
import { fetchNatsRelease } from './fetch-nats-release.ts';
import { cachedNatsServers, natsCacheFolder, natsServersOnPath } from './find-nats-server.ts';
import { MINIMUM_NATS_VERSION, isAtLeast, natsVersion } from './nats-version.ts';
import { unpackDebian } from './unpack-debian.ts';
import { withTemporaryFolder } from './temporary-folder.ts';

export interface NatsServerBinary {
  readonly path: string;
  readonly version: string;
  /** Where it came from, in words for people. */
  readonly origin: string;
}

export interface NatsServerSources {
  /** Binaries that are on this machine already, best first. */
  readonly present: readonly { readonly origin: string; readonly find: () => Promise<readonly string[]> }[];
  /** Ways to get one from elsewhere: each puts a binary into the folder and gives its path. */
  readonly remote: readonly { readonly origin: string; readonly fetch: (folder: string) => Promise<string> }[];
  readonly cacheFolder: string;
}

/**
 * A real nats-server, from the nearest place that has one: PATH, our cache, the official release, the distribution's
 * package. Nothing on the system is changed; what is fetched lands in the cache, which all clones of a user share.
 *
 * @throws NoNatsServerError when no way works; its message says what to do instead.
 */
export async function obtainNatsServer(options: {
  /** Runcast's own folder: holds the cache when the user's cache folder cannot be written. */
  readonly home: string;
  /** Read for PATH and the place of the user's cache. */
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly sources?: NatsServerSources;
}): Promise<NatsServerBinary> {
  const sources = options.sources ?? (await defaultSources(options.home, options.env));
  const failures: string[] = [];
  const failed = (origin: string, reason: string): void => {
    failures.push(`${origin}: ${reason}`);
    if (reason !== ABSENT) options.report(`nats-server: not from ${origin} (${reason})`);
  };
  const found = (await firstPresent(sources, failed)) ?? (await firstFetched(sources, failed, options.report));
  if (!found) throw new NoNatsServerError(failures);
  options.report(`nats-server ${found.version} from ${found.origin}`);
  return found;
}

const DEBIAN_NATS = { package: 'nats-server', path: 'usr/sbin/nats-server' };

/** A place that simply has none is worth a word only when no other has one either. */
const ABSENT = 'none there';

type Failed = (origin: string, reason: string) => void;

async function firstPresent(sources: NatsServerSources, failed: Failed): Promise<NatsServerBinary | undefined> {
  for (const { origin, find } of sources.present) {
    const paths = await find();
    if (paths.length === 0) failed(origin, ABSENT);
    for (const path of paths) {
      const usable = await checked(path, `${origin} (${path})`);
      if (typeof usable !== 'string') return usable;
      failed(origin, `${path} ${usable}`);
    }
  }
  return undefined;
}

async function firstFetched(
  sources: NatsServerSources,
  failed: Failed,
  report: (line: string) => void,
): Promise<NatsServerBinary | undefined> {
  for (const { origin, fetch } of sources.remote) {
    report(`nats-server: asking ${origin} …`);
    try {
      return await withTemporaryFolder('nats', async (folder) => {
        const usable = await checked(await fetch(folder), origin);
        if (typeof usable === 'string') throw new Error(`what it gave ${usable}`);
        return { ...usable, path: await keep(usable, sources.cacheFolder) };
      });
    } catch (error) {
      failed(origin, (error as Error).message);
    }
  }
  return undefined;
}

/** The binary, or what is wrong with it. */
async function checked(path: string, origin: string): Promise<NatsServerBinary | string> {
  const version = await natsVersion(path);
  if (version === undefined) return 'does not run as a nats-server';
  if (!isAtLeast(version, MINIMUM_NATS_VERSION)) return `is ${version}, older than ${MINIMUM_NATS_VERSION}`;
  return { path, version, origin };
}

/** Copies into the cache under a name of its own first: another start may be doing the same. */
async function keep(binary: NatsServerBinary, cacheFolder: string): Promise<string> {
  const kept = join(cacheFolder, binary.version, 'nats-server');
  await mkdir(dirname(kept), { recursive: true });
  const partial = `${kept}.${process.pid}`;
  await copyFile(binary.path, partial);
  await chmod(partial, 0o755);
  await rename(partial, kept);
  return kept;
}

async function defaultSources(home: string, env: NodeJS.ProcessEnv): Promise<NatsServerSources> {
  const cacheFolder = await natsCacheFolder(home, env);
  return {
    cacheFolder,
    present: [
      { origin: 'the PATH', find: () => natsServersOnPath(env.PATH ?? '') },
      { origin: 'the cache', find: () => cachedNatsServers(cacheFolder) },
    ],
    remote: [
      { origin: 'the official release', fetch: (folder) => fetchNatsRelease({ folder }) },
      { origin: 'the Debian package', fetch: (folder) => unpackDebian(folder, DEBIAN_NATS) },
    ],
  };
}
