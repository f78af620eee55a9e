import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PINNED_NATS_VERSION } from './nats-version.ts';

const RELEASES = 'https://github.com/nats-io/nats-server/releases/download';
/** Offline must show at once, and a firewall that swallows packets must not look like a hang. */
const CONNECT_MS = 5_000;
const DOWNLOAD_MS = 120_000;
/** An archive is about 7 MB; whatever is much larger is not one. */
const MAX_ARCHIVE_BYTES = 100 * 1024 * 1024;

/**
 * Fetches the pinned release for this machine, checks it and gives the path of the binary.
 *
 * The checksum is read from the SHA256SUMS file of the same release: it catches a broken or truncated download. It
 * cannot catch a forged release, for that it would have to be written down here; the trust is in TLS and the host.
 */
export async function fetchNatsRelease(options: { folder: string; releases?: string }): Promise<string> {
  const base = `${options.releases ?? RELEASES}/v${PINNED_NATS_VERSION}`;
  const name = `nats-server-v${PINNED_NATS_VERSION}-${releasePlatform(platform(), arch())}`;
  const expected = expectedChecksum((await download(`${base}/SHA256SUMS`)).toString('utf8'), `${name}.tar.gz`);
  const archive = await download(`${base}/${name}.tar.gz`);
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected) throw new Error(`the archive's SHA-256 is ${actual}, the release says ${expected}`);
  const file = join(options.folder, `${name}.tar.gz`);
  await writeFile(file, archive);
  await promisify(execFile)('tar', ['-xzf', file, '-C', options.folder]);
  return join(options.folder, name, 'nats-server');
}

/** The release's name for a platform, e.g. `linux-amd64`. */
export function releasePlatform(system: string, cpu: string): string {
  const cpus: Record<string, string> = { x64: 'amd64', arm64: 'arm64', arm: 'arm7', ia32: '386', s390x: 's390x' };
  if (!['linux', 'darwin', 'freebsd'].includes(system) || !cpus[cpu]) {
    throw new Error(`no release for ${system} on ${cpu}`);
  }
  return `${system}-${cpus[cpu]}`;
}

/** Finds a file's line in a SHA256SUMS listing (`<hex>  <name>`). */
export function expectedChecksum(listing: string, file: string): string {
  for (const line of listing.split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line.trim());
    if (match?.[2] === file) return match[1]!;
  }
  throw new Error(`the release lists no checksum for ${file}`);
}

async function download(url: string): Promise<Buffer> {
  const abort = new AbortController();
  const connecting = setTimeout(() => abort.abort(new Error(`no answer within ${CONNECT_MS / 1000} s`)), CONNECT_MS);
  const downloading = setTimeout(() => abort.abort(new Error('the download took too long')), DOWNLOAD_MS);
  try {
    const response = await fetch(url, { signal: abort.signal }).catch(explainFetchFailure);
    clearTimeout(connecting);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return await readBounded(response);
  } finally {
    clearTimeout(connecting);
    clearTimeout(downloading);
  }
}

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_ARCHIVE_BYTES) throw new Error(`${response.url} is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** fetch() says only "fetch failed"; the cause says why. */
function explainFetchFailure(error: unknown): never {
  const { cause } = error as { cause?: { message?: string } };
  throw cause?.message ? new Error(cause.message, { cause }) : error;
}
