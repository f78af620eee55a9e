import type { EntryPage, LiveEntry, NewestSequences, Watch } from '@runcast/event-log';
import type { RecordedEvent } from '@runcast/run-events';
import type { History, LinkedRun } from './history.ts';
import { eventsOf, type FeedSource } from './run-topic.ts';
import type { FeedPage } from './topic.ts';

/** What goes wrong with the next live message or read. Drawn by the property, in order; `ok` when the list is used up. */
export type Mishap = 'ok' | 'lose' | 'double' | 'delay' | 'lag' | 'fail';

interface Stored {
  readonly subject: string;
  readonly sequence: number;
  readonly kind: 'event' | { readonly linkTo: string };
}

/**
 * The log as its readers see it at its worst: live messages get lost, come twice or late; a read is answered by a
 * replica that lags behind, or fails. What is stored is never wrong. A model for the property of the join only: the
 * same readers run against the real server in the integration specs.
 */
/** So few that a history of some events is several. */
const PAGE_OF_ANSWER = 2;

export class LossyLog implements FeedSource {
  private readonly stored: Stored[] = [];
  private readonly watchers = new Map<string, Set<(live: LiveEntry) => void>>();
  private readonly delayed: (() => void)[] = [];
  private dropped = 0;

  constructor(private readonly mishaps: Mishap[]) {}

  store(subject: string, kind: Stored['kind'] = 'event'): number {
    const previousSequence = this.stored.findLast((one) => one.subject === subject)?.sequence ?? 0;
    const sequence = this.stored.length + 1;
    this.stored.push({ subject, sequence, kind });
    this.publish({ entry: entryOf(this.stored.at(-1)!), sequence, previousSequence }, subject);
    return sequence;
  }

  sequencesOf(subjects: readonly string[]): number[] {
    return this.stored.filter((one) => subjects.includes(one.subject)).map((one) => one.sequence);
  }

  watch(subject: string, onEntry: (live: LiveEntry) => void): Watch {
    const watchers = this.watchers.get(subject) ?? new Set();
    this.watchers.set(subject, watchers.add(onEntry));
    return { established: Promise.resolve(), stop: () => watchers.delete(onEntry) };
  }

  async readSubject(subject: string, after: number, limit: number): Promise<EntryPage> {
    const applied = await this.applied();
    const from = Math.max(after, this.dropped);
    const all = this.stored.filter((one) => one.subject === subject && one.sequence > from && one.sequence <= applied);
    return { entries: all.slice(0, limit).map(entryOf), complete: all.length <= limit };
  }

  /** All of it, in pages that come one after the other, unless one does not. */
  async readOn(subject: string, after: number, limit: number): Promise<EntryPage> {
    return this.inPages(await this.readSubject(subject, after, limit));
  }

  private inPages({ entries, complete }: EntryPage): EntryPage {
    if (entries.length <= PAGE_OF_ANSWER) return { entries, complete };
    const rest = { entries: entries.slice(PAGE_OF_ANSWER), complete };
    const next = this.applied().then(() => this.inPages(rest));
    next.catch(() => undefined);
    return { entries: entries.slice(0, PAGE_OF_ANSWER), complete: false, next };
  }

  async newest(subjects: readonly string[], after: number): Promise<NewestSequences> {
    const applied = await this.applied();
    const pairs = subjects.map((subject) => [subject, this.newestOf(subject, applied)] as const);
    return { bySubject: new Map(pairs.filter(([, sequence]) => sequence > after)), appliedUpTo: applied };
  }

  /**
   * Drops the older half of what is kept, as a log with a retention does, and nothing behind `upTo`: an event is kept for
   * longer than the time between two tail checks.
   */
  trim(upTo: number): void {
    const half = this.dropped + Math.floor((this.stored.length - this.dropped) / 2);
    this.dropped = Math.max(this.dropped, Math.min(half, upTo));
  }

  trimmedUpTo(): Promise<number> {
    return Promise.resolve(this.dropped);
  }

  /** The tables: they have everything. `linkedAt` says from where on a run's events belong to the feed. */
  historyOf(runs: () => readonly LinkedRun[]): History {
    const belongs = (one: Stored): boolean =>
      one.kind === 'event' && runs().some(({ run, linkedAt }) => run === one.subject && one.sequence > linkedAt);
    return {
      links: () => Promise.resolve(runs()),
      read: (after, upTo, limit): Promise<FeedPage> => {
        const all = this.stored.filter((one) => belongs(one) && one.sequence > after && one.sequence <= upTo);
        const events = all.slice(0, limit).flatMap((one) => eventsOf([entryOf(one)]));
        return Promise.resolve({ events, upTo: all.length > limit ? events.at(-1)!.position.sequence : upTo });
      },
    };
  }

  /** Which runs were linked where, whatever has been dropped. */
  links(): LinkedRun[] {
    return this.stored.flatMap(({ kind, sequence }) =>
      kind === 'event' ? [] : [{ run: kind.linkTo, linkedAt: sequence }],
    );
  }

  deliverDelayed(): void {
    for (const deliver of this.delayed.splice(0)) deliver();
  }

  private newestOf(subject: string, upTo: number): number {
    const newest = this.stored.findLast((one) => one.subject === subject && one.sequence <= upTo)?.sequence ?? 0;
    return newest > this.dropped ? newest : 0;
  }

  /** How far the replica that answers has come. */
  private async applied(): Promise<number> {
    await Promise.resolve();
    const mishap = this.mishaps.shift();
    if (mishap === 'fail') throw new Error('no answer');
    return mishap === 'lag' ? Math.max(0, this.stored.length - 2) : this.stored.length;
  }

  private publish(live: LiveEntry, subject: string): void {
    const deliver = (): void => this.watchers.get(subject)?.forEach((watcher) => watcher(live));
    const mishap = this.mishaps.shift();
    if (mishap === 'lose') return;
    if (mishap === 'delay') return void this.delayed.push(deliver);
    deliver();
    if (mishap === 'double') deliver();
  }
}

function entryOf(stored: Stored): LiveEntry['entry'] {
  const position = { shard: 0, epoch: 'e', sequence: stored.sequence };
  if (stored.kind !== 'event')
    return { kind: 'link', link: { tenant: 't', session: 's', run: stored.kind.linkTo, position } };
  const event: RecordedEvent = {
    id: String(stored.sequence),
    tenant: 't',
    run: stored.subject,
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-01-01T00:00:00.000000Z',
    receivedAt: '2026-01-01T00:00:00.000000Z',
    dialect: 'runcast',
    data: { step: 's' },
    raw: '{}',
    position,
  };
  return { kind: 'event', event };
}
