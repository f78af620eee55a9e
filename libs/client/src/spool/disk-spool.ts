import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Parcel } from '../sending/outgoing.ts';
import { Journal, readJournal } from './journal.ts';
import { folderName, isOrphan, isRunning, ownerOf, thisProcess, TOUCH_MS, type SpoolOwner } from './owner.ts';

export interface DiskSpoolOptions {
  /** Made if it is not there. Any number of processes may share it, each with a folder of its own inside. */
  readonly folder: string;
  /** The disk cannot be written or read. Events go on being sent, from memory. */
  readonly onFault?: (fault: unknown) => void;
}

/** What a process left behind. */
export interface Leftover {
  /** In the order of sending. */
  readonly parcels: readonly Parcel[];
  /** To be called once the events are kept elsewhere. Whether it could be done; if not, they will be found again. */
  readonly discard: () => boolean;
}

/**
 * Keeps the events of one {@link RuncastClient} on disk until Runcast has them, so that they outlive the process.
 *
 * - An event is on disk when `send` returns. A process that is killed loses nothing that it had sent.
 * - The next client on the same folder, in any process, takes over what dead processes left: at once those of this host,
 *   after ten minutes of silence those of others. What it takes over it sends first, under the same ids.
 * - It holds what the client's buffer holds, and is bounded by it: `maxBufferedEvents`, `maxBufferedCharacters`.
 * - A disk that fails costs the safety, never the agent: events are then held in memory alone, and `onFault` is told.
 */
export class DiskSpool {
  readonly #options: DiskSpoolOptions;
  readonly #owner: SpoolOwner;
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #touching: ReturnType<typeof setInterval>;
  #adopted = 0;

  constructor(options: DiskSpoolOptions) {
    this.#options = options;
    this.#owner = thisProcess(crypto.randomUUID());
    this.#folder = resolve(options.folder, folderName(this.#owner));
    this.#journal = new Journal(this.#folder);
    this.#safely(() => mkdirSync(this.#folder, { recursive: true, mode: 0o700 }));
    this.#touching = setInterval(() => this.#touch(), TOUCH_MS);
    this.#touching.unref();
  }

  /** Called whenever dead processes may have left something behind: once a minute. */
  onTouch: () => void = () => undefined;

  keep(parcel: Parcel): void {
    this.#safely(() => this.#journal.keep(parcel));
  }

  forget(parcels: readonly Parcel[]): void {
    if (parcels.length > 0) this.#safely(() => this.#journal.forget(parcels));
  }

  /** The oldest leftover of a dead process, which is nobody else's from here on; `undefined` when there is none. */
  adopt(): Leftover | undefined {
    let leftover: Leftover | undefined;
    this.#safely(() => {
      leftover = this.#ownLeftover() ?? this.#claimOrphan();
    });
    return leftover;
  }

  /** Leaves what waits to the next client on the folder. */
  close(): void {
    clearInterval(this.#touching);
    this.#safely(() => {
      this.#journal.close();
      const isEmpty = readdirSync(this.#folder).every((file) => file.endsWith('.journal') && this.#isEmpty(file));
      if (isEmpty) rmSync(this.#folder, { recursive: true });
      // Nobody's from here on, for this process too, which may open another spool.
      else renameSync(this.#folder, resolve(this.#folder, '..', folderName({ ...this.#owner, pid: 0 })));
    });
  }

  #isEmpty(file: string): boolean {
    return statSync(join(this.#folder, file)).size === 0;
  }

  /** The first folder that could be claimed, taken apart: a claimed folder may hold folders that its owner had claimed. */
  #claimOrphan(): Leftover | undefined {
    const parent = resolve(this.#folder, '..');
    for (const name of this.#orphansIn(parent)) {
      this.#adopted += 1;
      try {
        // Atomic: of two that find the same orphan one gets it.
        renameSync(join(parent, name), join(this.#folder, `adopted-${String(this.#adopted).padStart(9, '0')}`));
      } catch {
        continue;
      }
      return this.#ownLeftover();
    }
    return undefined;
  }

  #orphansIn(parent: string): string[] {
    const orphans = readdirSync(parent).flatMap((name) => {
      const owner = ownerOf(name);
      const changed = statSync(join(parent, name), { throwIfNoEntry: false });
      if (owner === undefined || changed === undefined) return [];
      return isOrphan(owner, this.#owner, Date.now() - changed.mtimeMs, isRunning) ? [{ name, owner }] : [];
    });
    return orphans.sort((left, right) => left.owner.startedMs - right.owner.startedMs).map(({ name }) => name);
  }

  #ownLeftover(): Leftover | undefined {
    const oldest = deepestAdopted(this.#folder);
    if (oldest === undefined) return undefined;
    const discard = (): boolean => this.#safely(() => rmSync(oldest, { recursive: true, force: true }));
    return { parcels: readJournal(oldest), discard };
  }

  #touch(): void {
    this.#safely(() => utimesSync(this.#folder, new Date(), new Date()));
    this.onTouch();
  }

  /** Whether it went well. */
  #safely(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (fault) {
      try {
        this.#options.onFault?.(fault);
      } catch {
        // The agent's callback has failed in its turn; there is nobody left to tell.
      }
      return false;
    }
  }
}

/** What was claimed first was sent first, and so was what the dead claimer had claimed itself. */
function deepestAdopted(folder: string): string | undefined {
  const [first] = readdirSync(folder)
    .filter((name) => name.startsWith('adopted-'))
    .sort();
  if (first === undefined) return undefined;
  const path = join(folder, first);
  return deepestAdopted(path) ?? path;
}
