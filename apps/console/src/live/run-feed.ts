import {
  watchRun,
  watchSession,
  WatchError,
  type FeedConnection,
  type Watch,
  type WatchedEvent,
} from '@runcast/client';

export type FeedState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string; readonly status: number | undefined };

/** What a page sees of a feed. `events` is the same growing array each time; `version` tells that it has grown. */
export interface FeedSnapshot {
  readonly version: number;
  readonly events: readonly WatchedEvent[];
  readonly state: FeedState;
}

/** What is watched: the events of one run, or of all runs of a session. */
export type Watched = { readonly run: string } | { readonly session: string };

/** Events are shown so often at most: a hundred a second must not be a hundred renderings. */
const FLUSH_MS = 40;
/** Behind the opening of a feed its history still arrives. */
const SETTLED_MS = 500;

/** Follows one feed for as long as somebody looks at it. A store for useSyncExternalStore. */
export class LiveFeed {
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #events: WatchedEvent[] = [];
  #snapshot: FeedSnapshot = { version: 0, events: this.#events, state: { kind: 'connecting' } };
  #flush: ReturnType<typeof setTimeout> | undefined;
  #liveFrom = Infinity;

  /** @param onShown called with when an event was stored, once it is on the screen; only for those that came live */
  constructor(
    connection: FeedConnection,
    watched: Watched,
    private readonly onShown: (storedMs: number) => void,
  ) {
    void this.#follow(connection, watched);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): FeedSnapshot => this.#snapshot;

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#flush);
  }

  async #follow(connection: FeedConnection, watched: Watched): Promise<void> {
    try {
      for await (const event of this.#open(connection, watched)) {
        this.#events.push(event);
        this.#changed({ kind: 'live' });
        this.#awaitScreen(event);
      }
    } catch (error) {
      const refused = error instanceof WatchError ? error : undefined;
      this.#changed({ kind: 'refused', detail: String(error), status: refused?.status });
    }
  }

  #open(connection: FeedConnection, watched: Watched): Watch {
    const options = {
      follow: true,
      signal: this.#stop.signal,
      backoff: { firstMs: 300, maxMs: 5_000 },
      onOpen: () => {
        // What was stored before is history: how long it has been stored says nothing about us.
        this.#liveFrom = Date.now();
        this.#changed({ kind: 'live' });
      },
      onReset: () => this.#events.splice(0),
      onReconnect: ({ attempt, detail }: { attempt: number; detail: string }) => {
        this.#liveFrom = Infinity;
        this.#changed({ kind: 'reconnecting', attempt, detail });
      },
    };
    return 'run' in watched
      ? watchRun(connection, watched.run, options)
      : watchSession(connection, watched.session, options);
  }

  #awaitScreen({ received_at }: WatchedEvent): void {
    const storedMs = received_at === undefined ? 0 : Date.parse(received_at);
    if (storedMs < this.#liveFrom + SETTLED_MS) return;
    // After the flush comes the frame in which React has drawn it.
    setTimeout(() => requestAnimationFrame(() => this.onShown(storedMs)), FLUSH_MS);
  }

  #changed(state: FeedState): void {
    this.#snapshot = { ...this.#snapshot, state };
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      this.#snapshot = { ...this.#snapshot, version: this.#snapshot.version + 1 };
      for (const listener of this.#listeners) listener();
    }, FLUSH_MS);
  }
}
