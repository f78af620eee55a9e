import type { FeedPage } from './topic.ts';

/** Two generations of so many pages are what all topics together keep at most: a page is about 256 KB of text. */
const MAX_PAGES = 32;

/** A page as it was read. What follows is no part of the page: whoever waits with one in its hands must not hold both. */
export interface ReadPage {
  readonly page: FeedPage;
  /** What follows, where the log sends it without being asked. */
  readonly next?: Promise<ReadPage>;
}

/**
 * Pages of the log that several readers ask for at about the same time. After a deploy everybody who watched a run comes
 * back with the same position: what one of them reads is read, decoded and encoded once for all.
 *
 * A page says what stood between two sequences, and that never changes; only erasure takes something away
 * ({@link forget}). Kept for one to two calls of {@link sweep}, fewer where many pages are read.
 */
export class SharedReads {
  private young = new Map<string, Promise<FeedPage>>();
  private old = new Map<string, Promise<FeedPage>>();

  constructor(private readonly maxPages = MAX_PAGES) {}

  /** The page of `feed` behind `after`: one that somebody has asked for just now, else what `fetch` reads. */
  read(feed: string, after: number, fetch: () => Promise<ReadPage>): Promise<FeedPage> {
    // Subjects hold no white space, so the join is injective.
    const key = `${feed} ${after}`;
    const known = this.young.get(key) ?? this.old.get(key);
    if (known !== undefined) return known;
    if (this.young.size >= this.maxPages) this.sweep();
    return this.keep(feed, after, fetch());
  }

  private keep(feed: string, after: number, read: Promise<ReadPage>): Promise<FeedPage> {
    const key = `${feed} ${after}`;
    const page = read.then(({ page }) => page);
    this.young.set(key, page);
    const isKept = (): boolean => this.young.get(key) === page || this.old.get(key) === page;
    // Where nothing was found there may be something the next time; and a fault is not an answer.
    const drop = (): void => {
      for (const pages of [this.young, this.old]) if (pages.get(key) === page) pages.delete(key);
    };
    read.then(({ page: { upTo }, next }) => {
      if (upTo <= after) return drop();
      // Not what belongs to a page that was let go of: something in it may have been erased.
      if (next !== undefined && isKept()) void this.keep(feed, upTo, next);
    }, drop);
    page.catch(() => undefined);
    return page;
  }

  /** Ages what is kept: what was read before the call before this one is let go of. */
  sweep(): void {
    this.old = this.young;
    this.young = new Map();
  }

  /** Lets go of everything, since something may have been erased, or the stream become another. */
  forget(): void {
    this.young.clear();
    this.old.clear();
  }
}
