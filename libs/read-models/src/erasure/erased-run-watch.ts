import type { Timestamp } from '@runcast/run-events';
import type { Database } from '../database.ts';
import { digestOf } from './erased-runs.ts';

export interface ErasedRunWatchOptions {
  readonly database: Database;
  /** How often to ask, and so how long after its erasure a run may still be shown from memory. */
  readonly pollMs?: number;
  /** Told of every poll that failed; the runs that are known stay known. */
  readonly onError?: (error: unknown) => void;
}

/** Every run that was erased, in memory: so that a gateway refuses what is still sent and shown of it. */
export class ErasedRunWatch {
  readonly #digests = new Set<string>();
  readonly #listeners = new Set<(digests: ReadonlySet<string>) => void>();
  readonly #options: ErasedRunWatchOptions;
  #seenUntil: Timestamp = '2000-01-01T00:00:00.000000Z';
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #stopped = false;

  private constructor(options: ErasedRunWatchOptions) {
    this.#options = options;
  }

  /** Resolves after the first attempt. Never rejects: without Postgres nothing is known to be erased yet. */
  static async start(options: ErasedRunWatchOptions): Promise<ErasedRunWatch> {
    const watch = new ErasedRunWatch(options);
    await watch.#pollAndGoOn();
    return watch;
  }

  has(tenant: string, run: string): boolean {
    return this.#digests.size > 0 && this.#digests.has(digestOf(tenant, run));
  }

  /** Calls back with the digests (see digestOf) of runs that were erased since. */
  onErased(listener: (digests: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks now instead of at the next poll. */
  async refresh(): Promise<void> {
    await this.#polling;
    await this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#polling;
  }

  async #pollAndGoOn(): Promise<void> {
    this.#polling = this.#poll().catch(this.#options.onError ?? (() => undefined));
    await this.#polling;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#pollAndGoOn(), this.#options.pollMs ?? 1_000);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    const { rows } = await this.#options.database.query<{ digest: string; erased_at: Timestamp }>(NEWER, [
      this.#seenUntil,
    ]);
    const fresh = new Set<string>();
    for (const { digest, erased_at } of rows) {
      if (!this.#digests.has(digest)) fresh.add(digest);
      this.#digests.add(digest);
      if (erased_at > this.#seenUntil) this.#seenUntil = erased_at;
    }
    if (fresh.size > 0) for (const listener of this.#listeners) listener(fresh);
  }
}

// Looks back further than the newest seen: a transaction that began earlier may commit later.
const NEWER = `SELECT digest, erased_at FROM erased_run WHERE erased_at > $1::timestamptz - interval '1 minute'`;
