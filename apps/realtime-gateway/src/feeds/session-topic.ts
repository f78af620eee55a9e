import type { Watch } from '@runcast/event-log';
import { Advances, type OnAdvance } from './advances.ts';
import { CatchUp } from './catch-up.ts';
import type { History } from './history.ts';
import { mergeBySequence } from './merge.ts';
import { RecentEvents } from './recent-events.ts';
import { SharedReads } from './shared-reads.ts';
import { eventsOf, sequenceOf, type FeedSource } from './run-topic.ts';
import type { FeedPage, Topic } from './topic.ts';

const CATCH_UP_PAGE = 500;
const PARALLEL_READS = 8;

interface LinkedRun {
  readonly subject: string;
  /** The run's events after this sequence belong to the session. */
  readonly linkedAt: number;
  readonly watch: Watch;
}

/**
 * The feed of one session: the runs that joined it, merged in log order.
 *
 * It spans several subjects, and what a live message says about one subject tells nothing of a message lost on
 * another. So live messages only ring; what is delivered is read from the log, up to a sequence that the answering
 * server says it has applied. See docs/decisions/0001-log-layout.md.
 */
export class SessionTopic implements Topic {
  verifiedUpTo = 0;
  private recent = new RecentEvents(0);
  private readonly advances = new Advances();
  private readonly runs = new Map<string, LinkedRun>();
  private linkWatch: Watch | undefined;
  private linksKnownUpTo = 0;
  private wanted = 0;
  private opened = false;
  private readonly catchUp: CatchUp;

  constructor(
    private readonly source: FeedSource,
    private readonly session: string,
    private readonly linkSubject: string,
    private readonly runSubject: (run: string) => string,
    private readonly history: History,
    onFault: (error: unknown) => void,
    private readonly reads = new SharedReads(),
  ) {
    this.catchUp = new CatchUp(
      () => this.advance(),
      () => this.tail >= this.wanted,
      onFault,
    );
  }

  get tail(): number {
    return this.recent.tail;
  }

  async open(): Promise<void> {
    this.linkWatch = this.source.watch(this.linkSubject, (live) => this.missed(live.sequence));
    await this.linkWatch.established;
    const appliedUpTo = await this.learnRuns();
    this.recent = new RecentEvents(appliedUpTo);
    this.advances.beginAt(appliedUpTo);
    // Every watch was there before this answer was given.
    this.verifiedUpTo = appliedUpTo;
    this.opened = true;
    this.missed(this.wanted);
  }

  recentAfter(sequence: number): FeedPage | undefined {
    const events = this.recent.after(sequence);
    return events && { events, upTo: this.recent.tail };
  }

  readAfter(sequence: number, limit: number): Promise<FeedPage> {
    return this.reads.read(this.linkSubject, sequence, async () => ({
      page: await this.readUpTo(sequence, this.tail, limit),
    }));
  }

  onAdvance(listener: OnAdvance): () => void {
    return this.advances.add(listener);
  }

  subjects(): readonly string[] {
    return [this.linkSubject, ...this.runs.keys()];
  }

  missed(sequence: number): void {
    this.wanted = Math.max(this.wanted, sequence);
    if (this.opened && this.tail < this.wanted) this.catchUp.start();
  }

  forget(): void {
    this.recent = new RecentEvents(this.tail);
  }

  close(): void {
    this.linkWatch?.stop();
    for (const run of this.runs.values()) run.watch.stop();
    this.catchUp.stop();
    this.advances.close();
  }

  /** Moves the tail to where a server has applied the stream, with every event of the session up to there. */
  private async advance(): Promise<boolean> {
    const before = this.tail;
    const appliedUpTo = await this.learnRuns();
    while (this.tail < appliedUpTo) {
      const page = await this.readUpTo(this.tail, appliedUpTo, CATCH_UP_PAGE);
      if (page.upTo <= this.tail) break;
      this.recent.append(page.events, page.upTo);
      this.advances.push(page.events, this.tail);
    }
    return this.tail > before;
  }

  /**
   * Reads new links and watches their runs, until there are none. Answers up to where the links, and so the set of
   * runs, are complete: a server that had applied the stream up to there showed no other.
   */
  private async learnRuns(): Promise<number> {
    for (;;) {
      const newest = await this.source.newest([this.linkSubject], this.linksKnownUpTo);
      const known = newest.bySubject.size === 0;
      const page = known
        ? undefined
        : await this.source.readSubject(this.linkSubject, this.linksKnownUpTo, CATCH_UP_PAGE);
      await this.learnTrimmedLinks();
      // A server that holds none of the subjects does not say how far it has come.
      if (page === undefined) return Math.max(newest.appliedUpTo, this.linksKnownUpTo);
      // A replica that lags answered: the runs are known only as far as the links are.
      if (page.entries.length === 0) return this.linksKnownUpTo;
      const watches = page.entries.flatMap((entry) => {
        this.linksKnownUpTo = Math.max(this.linksKnownUpTo, sequenceOf(entry));
        return entry.kind === 'link' ? [this.follow(entry.link.run, entry.link.position.sequence)] : [];
      });
      await Promise.all(watches);
    }
  }

  /** The log may have dropped links whose runs still go on. Asked after the read, like everything that may be dropped. */
  private async learnTrimmedLinks(): Promise<void> {
    const trimmedUpTo = await this.source.trimmedUpTo();
    if (trimmedUpTo <= this.linksKnownUpTo) return;
    const links = await this.history.links(trimmedUpTo);
    await Promise.all(links.map(({ run, linkedAt }) => this.follow(run, linkedAt)));
    this.linksKnownUpTo = Math.max(this.linksKnownUpTo, trimmedUpTo);
  }

  private async follow(run: string, linkedAt: number): Promise<void> {
    const subject = this.runSubject(run);
    // Joining again changes nothing: the first link counts.
    if (this.runs.has(subject)) return;
    const watch = this.source.watch(subject, (live) => this.missed(live.sequence));
    this.runs.set(subject, { subject, linkedAt, watch });
    // What was stored between the link and this watch has rung for nobody: the next tail check must look that far back.
    this.verifiedUpTo = Math.min(this.verifiedUpTo, linkedAt);
    await watch.established;
  }

  private async readUpTo(after: number, upTo: number, limit: number): Promise<FeedPage> {
    const page = await this.readMerged(after, upTo, limit);
    // Asked after the read: what was dropped before it is known by now, and is read where it is kept.
    const trimmedUpTo = Math.min(await this.source.trimmedUpTo(), upTo);
    return after < trimmedUpTo ? this.history.read(after, trimmedUpTo, limit) : page;
  }

  private async readMerged(after: number, upTo: number, limit: number): Promise<FeedPage> {
    if (this.runs.size === 0) return { events: [], upTo };
    const newest = await this.source.newest([...this.runs.keys()], after);
    if (newest.appliedUpTo < upTo) return { events: [], upTo: after };
    const active = [...newest.bySubject].map(([subject, sequence]) => ({
      run: this.runs.get(subject)!,
      newest: sequence,
    }));
    const pages = await inParallel(active, PARALLEL_READS, (one) =>
      this.readRun(one.run, one.newest, after, upTo, limit),
    );
    return mergeBySequence(pages, upTo);
  }

  /**
   * One run's part of the session between two sequences, as far as one page goes. `newest` is what another server may
   * have said of it: an answer that ends before that comes from a replica that lags, and reaches only as far as it goes.
   */
  private async readRun(run: LinkedRun, newest: number, after: number, upTo: number, limit: number): Promise<FeedPage> {
    const from = Math.max(after, run.linkedAt);
    if (newest <= from) return { events: [], upTo };
    const page = await this.source.readSubject(run.subject, from, limit);
    const last = page.entries.at(-1);
    const lastSequence = last === undefined ? from : sequenceOf(last);
    const events = eventsOf(page.entries)
      .filter((event) => event.position.sequence <= upTo)
      // It belongs to this session whether or not it says so.
      .map((event) => (event.session === undefined ? { ...event, known: { session: this.session } } : event));
    return { events, upTo: page.complete && lastSequence >= newest ? upTo : Math.min(lastSequence, upTo) };
  }
}

/** Maps with at most `width` calls under way, results in the order of the items. */
async function inParallel<T, R>(items: readonly T[], width: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await map(items[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
