import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Parcel } from '../sending/outgoing.ts';

/** Past this size the journal goes on in a new file. A file goes when none of its events waits any more. */
const SEGMENT_BYTES = 1024 * 1024;

interface Segment {
  readonly path: string;
  readonly descriptor: number;
  bytes: number;
  /** Ordinals of what waits. */
  readonly waiting: Set<number>;
}

/**
 * The events that wait, on disk. One JSON text a line: an object is an event that was kept, a list the ordinals of
 * events that no longer wait.
 *
 * Written without fsync: what is written outlives the process, not a power failure.
 */
export class Journal {
  readonly #folder: string;
  #segments: Segment[] = [];
  #next = 1;
  /** A write that failed may have left half a line, which must not swallow the next one. */
  #mayBeTorn = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws what the file system throws: a full disk, a folder that is gone. */
  keep(parcel: Parcel): void {
    const segment = this.#current();
    this.#write(segment, parcel);
    segment.waiting.add(parcel.ordinal);
  }

  /** @throws what the file system throws. The events may then be sent once more by the next process. */
  forget(parcels: readonly Parcel[]): void {
    for (const segment of this.#segments) {
      for (const { ordinal } of parcels) segment.waiting.delete(ordinal);
    }
    const last = this.#segments.at(-1);
    if (last === undefined) return;
    if (this.#segments.some(({ waiting }) => waiting.size > 0)) {
      this.#write(
        last,
        parcels.map(({ ordinal }) => ordinal),
      );
    } else {
      // Where nothing waits, no marks are needed; this is the usual case while Runcast is there.
      ftruncateSync(last.descriptor, 0);
      last.bytes = 0;
    }
    for (const segment of this.#segments.slice(0, -1)) if (segment.waiting.size === 0) this.#remove(segment);
  }

  close(): void {
    for (const { descriptor } of this.#segments.splice(0)) closeSync(descriptor);
  }

  #current(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < SEGMENT_BYTES) return last;
    const path = join(this.#folder, `${String(this.#next).padStart(9, '0')}.journal`);
    const segment = { path, descriptor: openSync(path, 'a', 0o600), bytes: 0, waiting: new Set<number>() };
    this.#next += 1;
    this.#segments.push(segment);
    return segment;
  }

  #write(segment: Segment, line: unknown): void {
    const bytes = Buffer.from(`${this.#mayBeTorn ? '\n' : ''}${JSON.stringify(line)}\n`);
    this.#mayBeTorn = true;
    for (let written = 0; written < bytes.length;) written += writeSync(segment.descriptor, bytes, written);
    this.#mayBeTorn = false;
    segment.bytes += bytes.length;
  }

  #remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
    closeSync(segment.descriptor);
    unlinkSync(segment.path);
  }
}

/** What waits in the folder of a journal whose process is gone, in the order of sending. */
export function readJournal(folder: string): Parcel[] {
  const waiting = new Map<number, Parcel>();
  const files = readdirSync(folder).filter((file) => file.endsWith('.journal'));
  for (const file of files.sort()) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const entry = readLine(line);
      if (Array.isArray(entry)) for (const ordinal of entry) waiting.delete(ordinal);
      else if (entry !== undefined) waiting.set(entry.ordinal, entry);
    }
  }
  return [...waiting.values()].sort((left, right) => left.ordinal - right.ordinal);
}

function readLine(line: string): Parcel | number[] | undefined {
  try {
    return JSON.parse(line) as Parcel | number[];
  } catch {
    // Empty, or cut off: the process died, or the disk was full, in the middle of the write.
    return undefined;
  }
}
