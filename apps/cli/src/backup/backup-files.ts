import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { ShardCopy } from '@runcast/event-log';
import type { TablesCopy } from '@runcast/read-models';
import { UserError } from '../errors.ts';

/** A file of a backup, as it was when it was written. */
export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a backup is, written last: a folder without it is not a backup. */
export interface Manifest {
  readonly format: 1;
  /** When the tables were copied, ISO 8601. The log reaches a little further. */
  readonly takenAt: string;
  readonly tables: TablesCopy;
  readonly shards: readonly ShardCopy[];
  readonly files: readonly BackupFile[];
}

const MANIFEST = 'manifest.json';

export function tableFile(table: string): string {
  return `table-${table}.copy.gz`;
}

export function shardFile(shard: number): string {
  return `log-${shard}.snapshot`;
}

/** A backup that is being written into an empty folder. */
export class BackupWriter {
  private readonly files: BackupFile[] = [];

  private constructor(private readonly folder: string) {}

  /** @throws {UserError} when the folder has something in it: a backup is never written over another. */
  static async open(folder: string): Promise<BackupWriter> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length > 0) throw new UserError(`${folder}: expected an empty folder, or none yet`);
    return new BackupWriter(folder);
  }

  async writeRows(table: string, rows: Readable): Promise<void> {
    const file = this.begin(tableFile(table));
    await pipeline(rows, createGzip({ level: 1 }), file.summed, file.sink);
    file.end();
  }

  /** Takes what `fill` gives, chunk by chunk, no faster than the disk takes it. */
  async writeChunks<T>(name: string, fill: (take: (chunk: Uint8Array) => Promise<void>) => Promise<T>): Promise<T> {
    const { sum, sink, end } = this.begin(name);
    const written = finished(sink);
    // Looked at below; until then it must not count as unhandled.
    written.catch(() => undefined);
    try {
      const filled = await fill((chunk) => {
        sum(chunk);
        return new Promise((resolve, reject) => sink.write(chunk, (error) => (error ? reject(error) : resolve())));
      });
      sink.end();
      await written;
      end();
      return filled;
    } finally {
      sink.destroy();
    }
  }

  async close(manifest: Omit<Manifest, 'format' | 'files'>): Promise<void> {
    const whole: Manifest = { format: 1, ...manifest, files: this.files };
    await writeFile(join(this.folder, MANIFEST), `${JSON.stringify(whole, undefined, 2)}\n`, { flush: true });
  }

  private begin(name: string) {
    const hash = createHash('sha256');
    let bytes = 0;
    const sum = (chunk: Uint8Array): void => {
      hash.update(chunk);
      bytes += chunk.length;
    };
    async function* summed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        sum(chunk);
        yield chunk;
      }
    }
    const sink = createWriteStream(join(this.folder, name), { flush: true, mode: 0o600 });
    const end = (): void => void this.files.push({ name, bytes, sha256: hash.digest('hex') });
    return { sum, summed, sink, end };
  }
}

/** A backup that is whole: every file was read and is what it was when it was written. */
export class BackupReader {
  private constructor(
    private readonly folder: string,
    readonly manifest: Manifest,
  ) {}

  /** @throws {UserError} naming the file that is missing, cut or changed. */
  static async open(folder: string): Promise<BackupReader> {
    const manifest = await readManifest(folder);
    for (const file of manifest.files) await requireWhole(folder, file);
    return new BackupReader(folder, manifest);
  }

  rowsOf(table: string): Readable {
    const file = createReadStream(join(this.folder, tableFile(table)));
    const rows = createGunzip();
    pipeline(file, rows).catch((error: Error) => rows.destroy(error));
    return rows;
  }

  chunksOf(shard: number): AsyncIterable<Uint8Array> {
    // nats-server takes no message above a megabyte.
    return createReadStream(join(this.folder, shardFile(shard)), { highWaterMark: 128 * 1024 });
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch {
    throw new UserError(`${folder}: expected a backup, found no ${MANIFEST} in it; a backup that was cut off has none`);
  }
  const manifest = asJson(text) as Partial<Manifest> | undefined;
  if (manifest?.format === 1) return manifest as Manifest;
  throw new UserError(`${join(folder, MANIFEST)}: expected format 1, found ${String(manifest?.format)}`);
}

async function requireWhole(folder: string, { name, sha256 }: BackupFile): Promise<void> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
  } catch (error) {
    throw new UserError(`${name}: cannot be read: ${(error as Error).message}`);
  }
  if (hash.digest('hex') !== sha256) throw new UserError(`${name}: is not what was written; nothing was restored`);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
