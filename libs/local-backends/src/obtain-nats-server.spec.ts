import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NoNatsServerError } from './errors.ts';
import { cachedNatsServers, natsCacheFolder, natsServersOnPath } from './find-nats-server.ts';
import { obtainNatsServer, type NatsServerSources } from './obtain-nats-server.ts';

describe('obtainNatsServer', () => {
  let home: string;
  let lines: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'runcast-obtain-'));
    lines = [];
  });
  afterEach(() => rm(home, { recursive: true }));

  async function binary(name: string, version: string): Promise<string> {
    const path = join(home, name, 'nats-server');
    await mkdir(join(home, name), { recursive: true });
    await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
    await chmod(path, 0o755);
    return path;
  }
  const obtain = (sources: Partial<NatsServerSources>): ReturnType<typeof obtainNatsServer> =>
    obtainNatsServer({
      home,
      env: {},
      report: (line) => lines.push(line),
      sources: { present: [], remote: [], cacheFolder: join(home, 'cache'), ...sources },
    });

  it('takes the first that is new enough and fetches nothing', async () => {
    const old = await binary('old', '2.11.9');
    const good = await binary('good', '2.12.0');
    const found = await obtain({
      present: [
        { origin: 'the PATH', find: () => Promise.resolve([old, good]) },
        { origin: 'the cache', find: () => Promise.reject(new Error('never asked')) },
      ],
    });
    expect(found).toMatchObject({ path: good, version: '2.12.0' });
    expect(lines).toEqual([
      `nats-server: not from the PATH (${old} is 2.11.9, older than 2.12.0)`,
      `nats-server 2.12.0 from the PATH (${good})`,
    ]);
  });

  it('keeps what it fetched where the next start finds it', async () => {
    const fetched = await binary('fetched', '2.15.1');
    const cacheFolder = join(home, 'cache');
    const first = await obtain({
      remote: [
        { origin: 'the official release', fetch: () => Promise.reject(new Error('offline')) },
        { origin: 'the Debian package', fetch: () => Promise.resolve(fetched) },
      ],
    });
    expect(first.origin).toBe('the Debian package');
    await rm(fetched);
    const second = await obtain({
      present: [{ origin: 'the cache', find: () => cachedNatsServers(cacheFolder) }],
    });
    expect(second.path).toBe(first.path);
  });

  it('does not take a download that is not a nats-server', async () => {
    const page = join(home, 'page.html');
    await writeFile(page, '<html>');
    const failure = obtain({ remote: [{ origin: 'the official release', fetch: () => Promise.resolve(page) }] });
    await expect(failure).rejects.toThrow('does not run as a nats-server');
  });

  it('names every way it tried and what to do when none works', async () => {
    const failure = await obtain({
      present: [{ origin: 'the PATH', find: () => Promise.resolve([]) }],
      remote: [{ origin: 'the official release', fetch: () => Promise.reject(new Error('no network')) }],
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoNatsServerError);
    expect((failure as Error).message).toMatch(/the PATH: none there[^]*no network[^]*NATS_URL[^]*docker compose up/);
  });
});

describe('finding one on this machine', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runcast-find-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function put(name: string, mode = 0o755): Promise<string> {
    await mkdir(join(folder, name), { recursive: true });
    const path = join(folder, name, 'nats-server');
    await writeFile(path, '');
    await chmod(path, mode);
    return path;
  }

  it('follows the order of the search path and leaves out what cannot be executed', async () => {
    const first = await put('b');
    const second = await put('a');
    await put('no', 0o644);
    const found = await natsServersOnPath([join(folder, 'no'), join(folder, 'b'), join(folder, 'a')].join(':'));
    expect(found.slice(0, 2)).toEqual([first, second]);
  });

  it('offers the newest of the cache first, by number', async () => {
    const older = await put('2.9.0');
    const newer = await put('2.15.1');
    await expect(cachedNatsServers(folder)).resolves.toEqual([newer, older]);
  });

  it('shares the cache over clones, and falls back to the home where that cannot be written', async () => {
    await expect(natsCacheFolder('/home-of-runcast', { XDG_CACHE_HOME: folder })).resolves.toBe(
      join(folder, 'runcast', 'nats-server'),
    );
    await writeFile(join(folder, 'file'), '');
    await expect(natsCacheFolder('/home-of-runcast', { XDG_CACHE_HOME: join(folder, 'file') })).resolves.toBe(
      '/home-of-runcast/cache/nats-server',
    );
  });
});
