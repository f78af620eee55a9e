import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { expectedChecksum, fetchNatsRelease, releasePlatform } from './fetch-nats-release.ts';
import { PINNED_NATS_VERSION } from './nats-version.ts';

const NAME = `nats-server-v${PINNED_NATS_VERSION}-${releasePlatform(platform(), arch())}`;

describe('fetchNatsRelease', () => {
  let folder: string;
  let archive: Buffer;
  let server: Server | undefined;

  /** A release host that serves these files and answers 404 to the rest. */
  async function serve(files: Record<string, Buffer | string>): Promise<string> {
    server = createServer((request, response) => {
      const body = files[request.url!.split('/').at(-1)!];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/download`;
  }
  const sums = (bytes: Buffer): string =>
    `${'0'.repeat(64)}  other.tar.gz\n${createHash('sha256').update(bytes).digest('hex')}  ${NAME}.tar.gz\n`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runcast-release-'));
    await mkdir(join(folder, 'made', NAME), { recursive: true });
    await writeFile(join(folder, 'made', NAME, 'nats-server'), 'the binary');
    await promisify(execFile)('tar', ['-czf', join(folder, 'a.tar.gz'), '-C', join(folder, 'made'), NAME]);
    archive = await readFile(join(folder, 'a.tar.gz'));
  });
  afterEach(() => {
    server?.close();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives the binary of an archive whose checksum the release lists', async () => {
    const releases = await serve({ SHA256SUMS: sums(archive), [`${NAME}.tar.gz`]: archive });
    await expect(readFile(await fetchNatsRelease({ folder, releases }), 'utf8')).resolves.toBe('the binary');
  });

  it('refuses an archive of which one byte is different', async () => {
    const broken = Buffer.from(archive);
    broken[broken.length - 1]! ^= 1;
    const releases = await serve({ SHA256SUMS: sums(archive), [`${NAME}.tar.gz`]: broken });
    await expect(fetchNatsRelease({ folder, releases })).rejects.toThrow("the archive's SHA-256 is");
  });

  it('refuses a release that lists no checksum for the archive', async () => {
    const releases = await serve({ SHA256SUMS: 'nothing here\n', [`${NAME}.tar.gz`]: archive });
    await expect(fetchNatsRelease({ folder, releases })).rejects.toThrow('lists no checksum');
  });

  it('says what the host answered', async () => {
    await expect(fetchNatsRelease({ folder, releases: await serve({}) })).rejects.toThrow('answered 404');
  });

  it('says why the host could not be reached', async () => {
    const releases = await serve({});
    await new Promise((resolve) => server!.close(resolve));
    await expect(fetchNatsRelease({ folder, releases })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('expectedChecksum', () => {
  it('takes the line of the very file, not of one whose name begins alike', () => {
    const listing = `${'a'.repeat(64)}  n.tar.gz.sig\n${'b'.repeat(64)} *n.tar.gz\n`;
    expect(expectedChecksum(listing, 'n.tar.gz')).toBe('b'.repeat(64));
  });
});

describe('releasePlatform', () => {
  it("speaks the release's names and refuses what has none", () => {
    expect(releasePlatform('linux', 'x64')).toBe('linux-amd64');
    expect(releasePlatform('darwin', 'arm64')).toBe('darwin-arm64');
    expect(() => releasePlatform('win32', 'x64')).toThrow('no release for win32');
  });
});
