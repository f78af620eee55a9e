import { WatchError } from '../watching/errors.ts';
import type { FeedKey } from '../watching/feed-source.ts';
import { watchRun, watchSession, type FeedGap, type Feeds, type WatchedEvent } from '../watching/watch.ts';

export interface FeedView {
  /** The newest events, oldest first. */
  readonly events: readonly WatchedEvent[];
  /**
   * `ended`: the run is over and this is all of it. `refused`: the gateway will not show it, `error` says why; trying again
   * would not help.
   */
  readonly state: 'connecting' | 'live' | 'reconnecting' | 'ended' | 'refused';
  readonly error?: WatchError;
  /** The last gap: what stood in a log that was replaced may be missing. */
  readonly gap?: FeedGap;
}

export interface FeedViewOptions {
  readonly after?: string | undefined;
  readonly follow?: boolean | undefined;
  readonly types?: readonly string[] | undefined;
  /** How many events are kept; older ones are let go. 10,000 unless told. */
  readonly maxEvents?: number | undefined;
}

/** Events are shown at most so often: a hundred a second must not be a hundred renderings. */
const FLUSH_MS = 16;
const NOTHING: FeedView = { events: [], state: 'connecting' };

/** One feed as a store for useSyncExternalStore: watched while somebody looks at it, from where it was left. */
export class FeedStore {
  readonly #feeds: Feeds;
  readonly #key: FeedKey;
  readonly #options: FeedViewOptions;
  readonly #listeners = new Set<() => void>();
  #stop: AbortController | undefined;
  #view: FeedView = NOTHING;
  #fresh: WatchedEvent[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;
  #after: string | undefined;

  constructor(feeds: Feeds, key: FeedKey, options: FeedViewOptions) {
    this.#feeds = feeds;
    this.#key = key;
    this.#options = options;
    this.#after = options.after;
  }

  readonly view = (): FeedView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#stop === undefined && this.#view.state !== 'ended')
      void this.#follow((this.#stop = new AbortController()));
    return () => {
      this.#listeners.delete(listener);
      // React in development lets go and takes hold again at once.
      if (this.#listeners.size === 0) this.#leave();
    };
  };

  #leave(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    clearTimeout(this.#flush);
    this.#flush = undefined;
    this.#showFresh({});
  }

  async #follow(stop: AbortController): Promise<void> {
    const { follow, types } = this.#options;
    const options = {
      after: this.#after,
      types,
      follow: follow ?? false,
      signal: stop.signal,
      onOpen: () => this.#showFresh({ state: 'live' }),
      onReconnect: () => this.#showFresh({ state: 'reconnecting' }),
      onGap: (gap: FeedGap) => this.#showFresh({ gap }),
      onReset: () => this.#forget(),
    };
    const key = this.#key;
    const watch =
      'run' in key ? watchRun(this.#feeds, key.run, options) : watchSession(this.#feeds, key.session, options);
    try {
      for await (const event of watch) if (!stop.signal.aborted) this.#take(event);
      if (!stop.signal.aborted) this.#showFresh({ state: 'ended' });
    } catch (error) {
      if (stop.signal.aborted) return;
      const refusal = error instanceof WatchError ? error : new WatchError('malformed', String(error));
      this.#showFresh({ state: 'refused', error: refusal });
    }
  }

  #take(event: WatchedEvent): void {
    this.#fresh.push(event);
    this.#after = event.position;
    this.#flush ??= setTimeout(() => this.#showFresh({}), FLUSH_MS);
  }

  #forget(): void {
    this.#fresh = [];
    this.#after = undefined;
    this.#show({ ...this.#view, events: [] });
  }

  #showFresh(change: Partial<FeedView>): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const { maxEvents = 10_000 } = this.#options;
    const events =
      this.#fresh.length === 0 ? this.#view.events : [...this.#view.events, ...this.#fresh].slice(-maxEvents);
    this.#fresh = [];
    this.#show({ ...this.#view, ...change, events });
  }

  #show(view: FeedView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}
