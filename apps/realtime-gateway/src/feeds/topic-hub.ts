import type { Shard } from '@runcast/event-log';
import type { HistoryOf } from './history.ts';
import { RunTopic } from './run-topic.ts';
import { SessionTopic } from './session-topic.ts';
import { SharedReads } from './shared-reads.ts';
import { tailQuestion, takeAnswer } from './tail-check.ts';
import type { Topic } from './topic.ts';

/** What a client watches. */
export type FeedKey =
  | { readonly kind: 'run'; readonly tenant: string; readonly run: string }
  | { readonly kind: 'session'; readonly tenant: string; readonly session: string };

/** A reader's hold on a topic. */
export interface TopicLease {
  readonly topic: Topic;
  /** Aborts when the stream behind the topic became another, or, with {@link ERASED} as its reason, the run was erased. */
  readonly replaced: AbortSignal;
  release(): void;
}

/** Why a topic has ended whose run was erased. */
export const ERASED = Symbol('erased');

interface Entry {
  readonly key: FeedKey;
  readonly kind: FeedKey['kind'];
  readonly topic: Topic;
  readonly opened: Promise<void>;
  readonly replaced: AbortController;
  readers: number;
  linger: NodeJS.Timeout | undefined;
}

/** Whether a run was erased, as far as this process knows. */
export type IsErased = (tenant: string, run: string) => boolean;

/** Whom a hub tells what happens to its topics. */
export interface HubListener {
  /** The log could not be read; it is tried again. */
  readonly onFault: (error: unknown) => void;
  /** Live messages were lost or late, and what they told is fetched from the log. */
  readonly onGap: (foundBy: 'live' | 'tail-check') => void;
}

/** How long a topic outlives its last reader: a reconnecting client finds it warm. */
const LINGER_MS = 10_000;

/** The topics of one shard that somebody in this process watches. */
export class TopicHub {
  private readonly topics = new Map<string, Entry>();
  private readonly reads = new SharedReads();
  private epoch: string;
  private readonly stopListening: () => void;
  private readonly tailCheck: NodeJS.Timeout;

  constructor(
    private readonly shard: Shard,
    private readonly historyOf: HistoryOf,
    private readonly told: HubListener,
    tailCheckMs: number,
  ) {
    this.epoch = shard.epoch;
    this.stopListening = shard.onMissed(() => this.onMissed());
    this.tailCheck = setInterval(() => {
      this.reads.sweep();
      void this.checkTails();
    }, tailCheckMs);
  }

  /** Resolves when the topic is live. Rejects when the log cannot be reached. */
  async acquire(key: FeedKey): Promise<TopicLease> {
    const subject = this.subjectOf(key);
    const entry = this.topics.get(subject) ?? this.openTopic(key, subject);
    entry.readers += 1;
    clearTimeout(entry.linger);
    try {
      await entry.opened;
    } catch (error) {
      this.release(subject, entry);
      throw error;
    }
    return { topic: entry.topic, replaced: entry.replaced.signal, release: () => this.release(subject, entry) };
  }

  /** How many runs, or sessions, are watched here. */
  count(kind: FeedKey['kind']): number {
    let count = 0;
    for (const entry of this.topics.values()) if (entry.kind === kind) count += 1;
    return count;
  }

  /** Ends the topics of runs that were erased, and empties what sessions keep in memory. */
  erase(isErased: IsErased): void {
    this.reads.forget();
    for (const [subject, entry] of this.topics) {
      if (entry.key.kind === 'session') entry.topic.forget();
      else if (isErased(entry.key.tenant, entry.key.run)) {
        this.drop(subject, entry);
        entry.replaced.abort(ERASED);
      }
    }
  }

  close(): void {
    this.stopListening();
    clearInterval(this.tailCheck);
    for (const [subject, entry] of this.topics) this.drop(subject, entry);
  }

  private subjectOf(key: FeedKey): string {
    return key.kind === 'run'
      ? this.shard.runSubject(key.tenant, key.run)
      : this.shard.sessionSubject(key.tenant, key.session);
  }

  private openTopic(key: FeedKey, subject: string): Entry {
    const topic =
      key.kind === 'run'
        ? new RunTopic(
            this.shard,
            subject,
            this.historyOf(key),
            this.told.onFault,
            () => this.told.onGap('live'),
            this.reads,
          )
        : new SessionTopic(
            this.shard,
            key.session,
            subject,
            (run) => this.shard.runSubject(key.tenant, run),
            this.historyOf(key),
            this.told.onFault,
            this.reads,
          );
    const opened = topic.open();
    const entry: Entry = {
      key,
      kind: key.kind,
      topic,
      opened,
      replaced: new AbortController(),
      readers: 0,
      linger: undefined,
    };
    this.topics.set(subject, entry);
    // One that could not be opened must not stay: the next reader tries again.
    opened.catch(() => this.drop(subject, entry));
    return entry;
  }

  private release(subject: string, entry: Entry): void {
    entry.readers -= 1;
    if (entry.readers > 0) return;
    entry.linger = setTimeout(() => this.drop(subject, entry), LINGER_MS);
    entry.linger.unref();
  }

  private drop(subject: string, entry: Entry): void {
    clearTimeout(entry.linger);
    if (this.topics.get(subject) === entry) this.topics.delete(subject);
    entry.topic.close();
  }

  /** After a reconnect anything may have been missed; after a change of epoch everything is another stream's. */
  private onMissed(): void {
    if (this.shard.epoch === this.epoch) return void this.checkTails();
    this.epoch = this.shard.epoch;
    this.reads.forget();
    for (const [subject, entry] of this.topics) {
      // First: closing wakes the readers, and they look at why.
      entry.replaced.abort();
      this.drop(subject, entry);
    }
  }

  /**
   * Asks for the newest sequences of everything watched: the only way to notice that the last message of a feed was
   * lost, since no later one tells. Only subjects with something newer than the last check are answered.
   */
  private async checkTails(): Promise<void> {
    const questions = [...this.topics.values()].map((entry) => tailQuestion(entry.topic));
    if (questions.length === 0) return;
    const after = questions.reduce((least, question) => Math.min(least, question.after), Number.MAX_SAFE_INTEGER);
    try {
      const newest = await this.shard.newest(
        questions.flatMap(({ subjects }) => subjects),
        after,
      );
      for (const question of questions) if (takeAnswer(question, newest)) this.told.onGap('tail-check');
    } catch (error) {
      this.told.onFault(error);
    }
  }
}
