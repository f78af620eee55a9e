import type { Shard, Watch } from '@runcast/event-log';
import { formatPosition } from '@runcast/run-events';

/** What the lists of a tenant are told. */
export type Change =
  /** These runs are other than they were, as JSON text: written once for all who hear it. */
  | { readonly kind: 'runs'; readonly text: string }
  /** So much may have changed that a list is better read anew. */
  | { readonly kind: 'many' };

export interface ChangesSource {
  readonly shard: Pick<Shard, 'number' | 'epoch' | 'watchRuns' | 'onMissed'>;
  /** Resolves when the tables have come to a position; rejects when they are away, or too slow. */
  readonly whenProjected: (position: string) => Promise<void>;
  /** The named runs of the tenant, as JSON text. */
  readonly readRuns: (runs: readonly string[]) => Promise<string>;
}

/** Changes within this time are told together. */
const GATHER_MS = 250;
/** More runs than a list shows at once. */
const MAX_RUNS = 200;

/**
 * The runs of one tenant that change, for everybody here who looks at a list of them: one subscription, and one read by
 * primary key each time something has changed, however many look. The log rings, the tables are read: what is told is never
 * older than what a list shows.
 */
export class TenantChanges {
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly watch: Watch;
  private readonly stopListening: () => void;
  private changed = new Set<string>();
  private newest = 0;
  private gathering: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: ChangesSource,
    tenant: string,
  ) {
    this.watch = source.shard.watchRuns(tenant, (run, sequence) => this.onRecord(run, sequence));
    // What core NATS lost meanwhile nobody knows.
    this.stopListening = source.shard.onMissed(() => this.tell({ kind: 'many' }));
  }

  /** Resolves when what changes from now on will be told. */
  get established(): Promise<void> {
    return this.watch.established;
  }

  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.watch.stop();
    this.stopListening();
    clearTimeout(this.gathering);
  }

  private onRecord(run: string, sequence: number): void {
    if (this.changed.size <= MAX_RUNS) this.changed.add(run);
    this.newest = Math.max(this.newest, sequence);
    this.gathering ??= setTimeout(() => void this.tellGathered(), GATHER_MS);
  }

  private async tellGathered(): Promise<void> {
    const runs = [...this.changed];
    this.changed = new Set();
    try {
      if (runs.length > MAX_RUNS) this.tell({ kind: 'many' });
      else this.tell({ kind: 'runs', text: await this.read(runs) });
    } catch {
      // The tables are away or far behind: told to read anew, a list shows that itself, and recovers by itself.
      this.tell({ kind: 'many' });
    }
    // Only now: reads do not overlap, and what came meanwhile has gathered.
    this.gathering = this.changed.size === 0 ? undefined : setTimeout(() => void this.tellGathered(), GATHER_MS);
  }

  private async read(runs: readonly string[]): Promise<string> {
    const { number: shard, epoch } = this.source.shard;
    await this.source.whenProjected(formatPosition({ shard, epoch, sequence: this.newest }));
    return this.source.readRuns(runs);
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}
