import type { NatsConnection } from '@nats-io/transport-node';
import { readLiveMessage, type LiveMessage } from './live.ts';
import type { LogEntry } from './record.ts';
import { liveSubject, parseSubject, tenantRunsSubject, type SubjectSpace } from './subjects.ts';

/** An entry that has just been stored, as core NATS delivered it: may be missing, never wrong. */
export interface LiveEntry {
  readonly entry: LogEntry;
  readonly sequence: number;
  /** The sequence before it on the same subject; 0 for the first. */
  readonly previousSequence: number;
}

export interface Watch {
  /** Resolves when the server knows the subscription: what is stored from then on is delivered. */
  readonly established: Promise<void>;
  stop(): void;
}

/** What is listened to for what one stream republishes. */
export class LiveWatches {
  /** The highest sequence that came. */
  private highest = 0;
  /** Whether the stream is asked who it is because its sequences fell. */
  private isDoubted = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly space: SubjectSpace,
    private readonly decode: (message: LiveMessage) => LogEntry,
    /** Asks the stream who it is, and has {@link startOver} called when it is another. */
    private readonly identify: () => Promise<unknown>,
  ) {}

  /** Delivers what is stored on a subject from now on, as far as core NATS does; see {@link LiveEntry}. */
  entries(subject: string, onEntry: (entry: LiveEntry) => void): Watch {
    return this.listen(subject, (live) => {
      if (!this.isOfThisStream(live)) return;
      onEntry({ entry: this.decode(live), sequence: live.sequence, previousSequence: live.previousSequence });
    });
  }

  /**
   * Tells which runs of a tenant are being written to, with the sequence of each record, as far as core NATS delivers it. The
   * events themselves are not looked at.
   */
  runs(tenant: string, onRecord: (run: string, sequence: number) => void): Watch {
    return this.listen(tenantRunsSubject(this.space, tenant), (live) => {
      const parsed = parseSubject(this.space, live.subject);
      if (parsed?.kind === 'run') onRecord(parsed.run, live.sequence);
    });
  }

  /** The stream is another: its sequences begin anew. */
  startOver(): void {
    this.highest = 0;
  }

  private listen(subject: string, onMessage: (live: LiveMessage) => void): Watch {
    const subscription = this.connection.subscribe(liveSubject(this.space, subject), {
      callback: (_error, message) => {
        const live = readLiveMessage(message);
        if (live !== undefined) onMessage(live);
      },
    });
    return { established: this.connection.flush(), stop: () => subscription.unsubscribe() };
  }

  /**
   * Sequences only rise, all subjects together. One that falls is the first word of a stream that was made anew: shown as
   * what it seems, a new event would stand under an old position. So nothing live is passed on until the stream has said
   * who it is. If it is the same one after all, what was held back is found as any message that got lost on the way.
   */
  private isOfThisStream({ sequence }: LiveMessage): boolean {
    if (sequence < this.highest) void this.doubt();
    if (this.isDoubted) return false;
    this.highest = sequence;
    return true;
  }

  private async doubt(): Promise<void> {
    if (this.isDoubted) return;
    this.isDoubted = true;
    // Where it cannot be asked, the reconnect that follows asks again.
    await this.identify().catch(() => undefined);
    this.isDoubted = false;
  }
}
