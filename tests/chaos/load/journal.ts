import { open, readFile, type FileHandle } from 'node:fs/promises';
import type { Entry } from '../check/entry.ts';

export interface JournalLine extends Entry {
  readonly run: string;
}

/**
 * What has been acknowledged, on the disk. Written by the sender, not by the system: it is the one thing that may be
 * believed. Lines that come while a sync is under way share the next one.
 */
export class Journal {
  private waiting: string[] = [];
  private syncing: Promise<void> | undefined;
  private readonly lines = new Map<number, number>();

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(file: string): Promise<Journal> {
    return new Journal(file, await open(file, 'wx'));
  }

  /** How many events are in it. */
  get size(): number {
    return [...this.lines.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many of them are in that shard, as their positions say. */
  sizeOf(shard: number): number {
    return this.lines.get(shard) ?? 0;
  }

  /** Resolves when the lines are on the disk. */
  async append(lines: readonly JournalLine[]): Promise<void> {
    this.waiting.push(...lines.map((line) => `${JSON.stringify(line)}\n`));
    for (const { position } of lines) this.count(Number(position.slice(0, position.indexOf('.'))));
    // A sync that is under way does not cover these lines: the one after it does.
    await this.syncing;
    await (this.syncing ??= this.sync());
  }

  /** Closes it and reads it back, by run, in the order in which it was written. */
  async read(): Promise<Map<string, Entry[]>> {
    await this.handle.close();
    const lines = (await readFile(this.file, 'utf8')).split('\n').filter((line) => line !== '');
    const runs = new Map<string, Entry[]>();
    for (const line of lines) {
      const { run, ...entry } = JSON.parse(line) as JournalLine;
      const entries = runs.get(run);
      if (entries === undefined) runs.set(run, [entry]);
      else entries.push(entry);
    }
    return runs;
  }

  private count(shard: number): void {
    this.lines.set(shard, this.sizeOf(shard) + 1);
  }

  private async sync(): Promise<void> {
    const text = this.waiting.join('');
    this.waiting = [];
    try {
      if (text !== '') await this.handle.appendFile(text);
      await this.handle.datasync();
    } finally {
      this.syncing = undefined;
    }
  }
}
