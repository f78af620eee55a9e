import type { EntryPage, LiveEntry, LogEntry, Shard, Watch } from '@runcast/event-log';
import type { RecordedEvent } from '@runcast/run-events';
import { Advances, type OnAdvance } from './advances.ts';
import { CatchUp } from './catch-up.ts';
import type { History } from './history.ts';
import { RecentEvents } from './recent-events.ts';
import { NAMING_EVENTS, RunNames } from './run-names.ts';
import { SharedReads, type ReadPage } from './shared-reads.ts';
import type { FeedEvent, FeedPage, Topic } from './topic.ts';

/** What a topic needs of the log. */
export type FeedSource = Pick<Shard, 'readSubject' | 'readOn' | 'newest' | 'watch' | 'trimmedUpTo'>;

const CATCH_UP_PAGE = 500;

/**
 * The feed of one run: one subject of the log, so every hole shows. A live message names the sequence before it; when
 * that is not the tail, what lies between is read from the log first.
 */
export class RunTopic implements Topic {
  verifiedUpTo = 0;
  private recent = new RecentEvents(0);
  private readonly names = new RunNames();
  private readonly advances = new Advances();
  private watch: Watch | undefined;
  private opened = false;
  /** The newest sequence known to exist on the subject. */
  private wanted = 0;
  private readonly catchUp: CatchUp;

  constructor(
    private readonly source: FeedSource,
    private readonly subject: string,
    private readonly history: History,
    onFault: (error: unknown) => void,
    private readonly onGap: () => void = () => undefined,
    private readonly reads = new SharedReads(),
  ) {
    this.catchUp = new CatchUp(
      () => this.fetchMissing(),
      () => this.tail >= this.wanted,
      onFault,
    );
  }

  get tail(): number {
    return this.recent.tail;
  }

  /** Subscribes before it asks where the subject ends: in the other order an event between the two would be lost. */
  async open(): Promise<void> {
    this.watch = this.source.watch(this.subject, (live) => this.onLive(live));
    await this.watch.established;
    const newest = await this.source.newest([this.subject], 0);
    // A run whose events have all been dropped for their age still has them, in the tables.
    const trimmedUpTo = await this.source.trimmedUpTo();
    this.recent = new RecentEvents(Math.max(newest.bySubject.get(this.subject) ?? 0, trimmedUpTo));
    this.advances.beginAt(this.tail);
    this.verifiedUpTo = newest.appliedUpTo;
    if (this.tail > 0) await this.learnNames();
    this.opened = true;
    this.missed(this.wanted);
  }

  recentAfter(sequence: number): FeedPage | undefined {
    const events = this.recent.after(sequence);
    return events && { events, upTo: this.recent.tail };
  }

  readAfter(sequence: number, limit: number): Promise<FeedPage> {
    const fetch = (): Promise<ReadPage> =>
      this.readOn(this.source.readOn(this.subject, sequence, limit), sequence, limit);
    return this.reads.read(this.subject, sequence, fetch);
  }

  onAdvance(listener: OnAdvance): () => void {
    return this.advances.add(listener);
  }

  subjects(): readonly string[] {
    return [this.subject];
  }

  missed(sequence: number): void {
    this.wanted = Math.max(this.wanted, sequence);
    if (this.opened && this.tail < this.wanted) this.catchUp.start();
  }

  forget(): void {
    this.recent = new RecentEvents(this.tail);
  }

  close(): void {
    this.watch?.stop();
    this.catchUp.stop();
    this.advances.close();
  }

  private onLive(live: LiveEntry): void {
    const follows = this.opened && live.previousSequence <= this.tail && this.tail < live.sequence;
    // While something older is still being fetched, wanted is ahead of the tail and the log delivers this one too.
    if (!follows || this.tail < this.wanted) {
      if (this.opened && live.previousSequence > this.tail && this.tail >= this.wanted) this.onGap();
      return this.missed(live.sequence);
    }
    this.wanted = live.sequence;
    this.append(eventsOf([live.entry]), live.sequence);
  }

  private async readPage(sequence: number, limit: number): Promise<FeedPage> {
    return this.toPage(await this.source.readSubject(this.subject, sequence, limit), sequence, limit);
  }

  /** What the log has answered to what stands after a sequence. */
  private async toPage(page: EntryPage, sequence: number, limit: number): Promise<FeedPage> {
    // Asked after the read: what was dropped before it is known by now, and is read where it is kept.
    const trimmedUpTo = await this.source.trimmedUpTo();
    if (sequence < trimmedUpTo) return this.history.read(sequence, trimmedUpTo, limit);
    const last = page.entries.at(-1);
    const events = eventsOf(page.entries).map((event) => this.names.named(event));
    if (last !== undefined) return { events, upTo: sequenceOf(last) };
    // Nothing there. Either the answering replica lags, or what was there has been erased: only the first is temporary.
    const newest = await this.source.newest([this.subject], sequence);
    const gone = newest.bySubject.size === 0 && newest.appliedUpTo >= this.tail;
    return { events: [], upTo: gone ? Math.max(sequence, this.tail) : sequence };
  }

  /** A page that is being read, and those behind it that come without being asked for. */
  private async readOn(answer: Promise<EntryPage>, sequence: number, limit: number): Promise<ReadPage> {
    const read = await answer;
    const page = await this.toPage(read, sequence, limit);
    const last = read.entries.at(-1);
    // What follows in the log follows this page only where it was not taken from the tables.
    if (read.next === undefined || last === undefined || page.upTo !== sequenceOf(last)) return { page };
    const next = this.readOn(read.next, page.upTo, limit);
    // Nobody need want it.
    next.catch(() => undefined);
    return { page, next };
  }

  private async fetchMissing(): Promise<boolean> {
    const before = this.tail;
    const page = await this.readPage(before, CATCH_UP_PAGE);
    if (page.upTo > before) this.append(page.events, page.upTo);
    else if (await this.isErased(before)) this.append([], this.wanted);
    return this.tail > before;
  }

  private async isErased(after: number): Promise<boolean> {
    const newest = await this.source.newest([this.subject], after);
    return newest.bySubject.size === 0 && newest.appliedUpTo >= this.wanted;
  }

  /** From the run's first events, wherever they are kept by now: of half of them other readers would be told other names. */
  private async learnNames(): Promise<void> {
    for (let after = 0; after < this.tail && this.names.isOpen;) {
      // Not a page for others: its events have no names yet.
      const head = await this.readPage(after, NAMING_EVENTS);
      for (const event of head.events) this.names.learn(event);
      // A replica that lags: what it lacks is newer than what was there when the tail was asked for.
      if (head.upTo <= after) return;
      after = head.upTo;
    }
  }

  private append(events: readonly RecordedEvent[], upTo: number): void {
    for (const event of events) this.names.learn(event);
    const named = events.map((event) => this.names.named(event));
    this.recent.append(named, upTo);
    this.advances.push(named, this.tail);
  }
}

/** The events among the entries. A damaged record is no event: the projector keeps it as a dead letter. */
export function eventsOf(entries: readonly LogEntry[]): FeedEvent[] {
  const events: FeedEvent[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'event') continue;
    const { event, traceparent } = entry;
    events.push(traceparent === undefined ? event : { ...event, traceparent });
  }
  return events;
}

export function sequenceOf(entry: LogEntry): number {
  switch (entry.kind) {
    case 'event':
      return entry.event.position.sequence;
    case 'link':
      return entry.link.position.sequence;
    case 'unreadable':
      return entry.position.sequence;
  }
}
