import { LogOverloadedError } from './errors.ts';
import { asUnavailable, type Outgoing, type Publisher } from './publisher.ts';

export interface GroupCommitLimits {
  /** Groups under way at once. While they are, what arrives gathers into the next. */
  readonly maxInFlight: number;
  /**
   * How many messages must wait before they leave while another group is under way. A stream stores one batch after the other,
   * and what a batch costs beside its messages is as much as some hundred messages: fewer had better wait for more.
   */
  readonly worthASecond: number;
  /** The server takes at most 1,000 messages in a batch. */
  readonly maxBatchMessages: number;
  readonly maxBatchBytes: number;
  /** Messages and bytes that may wait; beyond, {@link LogOverloadedError}. */
  readonly maxWaitingMessages: number;
  readonly maxWaitingBytes: number;
  /** How long a call may take before {@link LogUnavailableError}. Longer than the election of a leader (4.5-7.4 s). */
  readonly deadlineMs: number;
}

export const DEFAULT_LIMITS: GroupCommitLimits = {
  maxInFlight: 2,
  worthASecond: 250,
  maxBatchMessages: 1_000,
  maxBatchBytes: 4 * 1024 * 1024,
  maxWaitingMessages: 20_000,
  maxWaitingBytes: 64 * 1024 * 1024,
  deadlineMs: 15_000,
};

/** The messages of one append call: they share one fate and their order. */
interface Unit {
  readonly messages: readonly Outgoing[];
  readonly bytes: number;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What became of one batch, its retries included. */
export interface Commit {
  readonly messages: number;
  readonly ms: number;
  /** Whether all of it is known to be stored. */
  readonly stored: boolean;
}

const FIRST_BACKOFF_MS = 50;
/**
 * A server with one replica stages a batch in files that it makes, flushes and removes: about as many flushes as a dozen single
 * messages take. So few appends are stored one by one.
 */
const MAX_SINGLES = 8;
/** For how long a group goes on gathering while every turn of the event loop brings more. */
const GATHER_MS = 5;
/** An election takes 4 to 9 s, and how long nobody asks after it is added to that. At most `maxInFlight` ask so often. */
const LAST_BACKOFF_MS = 200;

/**
 * Makes many concurrent appends share one fsync: what waits is stored as one atomic batch, and while one is under way the next
 * one gathers. The few appends of a quiet moment are stored side by side, each by itself.
 *
 * - An append resolves only when the stream has acknowledged every message of it.
 * - Order within a subject is the order of the calls, through retries too: a subject is in one batch at a time.
 * - An attempt without an answer is repeated with the same message ids until the deadline.
 */
export class GroupCommit {
  private readonly waiting: Unit[] = [];
  private readonly busySubjects = new Set<string>();
  private waitingMessages = 0;
  private waitingBytes = 0;
  /** Of those that wait, what has not left yet. */
  private gatheredMessages = 0;
  private inFlight = 0;
  /** Groups under way of which no attempt has failed. One that is being repeated must not hold up other runs. */
  private healthy = 0;
  private pumpScheduled = false;

  constructor(
    private readonly publisher: Publisher,
    private readonly limits: GroupCommitLimits = DEFAULT_LIMITS,
    private readonly now: () => number = Date.now,
    private readonly onCommit: (commit: Commit) => void = () => undefined,
  ) {}

  /** Stores all messages and fills in their acks. Rejects with LogUnavailableError or LogOverloadedError. */
  append(messages: readonly Outgoing[]): Promise<void> {
    const bytes = messages.reduce((sum, message) => sum + message.data.length, 0);
    this.refuseOverload(messages.length, bytes);
    return new Promise<void>((resolve, reject) => {
      this.waiting.push({ messages, bytes, deadline: this.now() + this.limits.deadlineMs, resolve, reject });
      this.waitingMessages += messages.length;
      this.waitingBytes += bytes;
      this.gatheredMessages += messages.length;
      this.schedulePump();
    });
  }

  /** Messages whose fate is open. */
  get pending(): number {
    return this.waitingMessages;
  }

  private refuseOverload(messages: number, bytes: number): void {
    const { maxWaitingMessages, maxWaitingBytes } = this.limits;
    if (this.waitingMessages + messages > maxWaitingMessages) {
      throw new LogOverloadedError(this.waitingMessages, maxWaitingMessages, 'messages');
    }
    if (this.waitingBytes + bytes > maxWaitingBytes) {
      throw new LogOverloadedError(this.waitingBytes, maxWaitingBytes, 'bytes');
    }
  }

  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    this.pumpAfterTurns(this.waiting.length, this.now() + GATHER_MS);
  }

  /** After the first turn of the event loop that brings nothing: requests that are being read share a batch. */
  private pumpAfterTurns(seen: number, latest: number): void {
    setImmediate(() => {
      if (this.waiting.length > seen && this.now() < latest) return this.pumpAfterTurns(this.waiting.length, latest);
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    while (this.mayLeave()) {
      const units = this.takeBatch();
      if (units.length === 0) return;
      this.inFlight += 1;
      this.healthy += 1;
      void this.commit(units);
    }
  }

  private mayLeave(): boolean {
    if (this.inFlight >= this.limits.maxInFlight) return false;
    return this.healthy === 0 || this.gatheredMessages >= this.limits.worthASecond;
  }

  /**
   * The next units, in order, as far as they fit. A unit that shares a subject with a batch under way stays, and so
   * does everything of that subject behind it: overtaking would reorder a run when the first batch is retried.
   */
  private takeBatch(): Unit[] {
    const taken: Unit[] = [];
    const kept: Unit[] = [];
    const held = new Set<string>();
    const ids = new Set<string>();
    let messages = 0;
    let bytes = 0;
    let scanned = 0;
    for (const unit of this.waiting) {
      messages += unit.messages.length;
      bytes += unit.bytes;
      // A unit alone always fits: append calls are smaller than a batch.
      if (taken.length > 0 && (messages > this.limits.maxBatchMessages || bytes > this.limits.maxBatchBytes)) break;
      scanned += 1;
      if (this.mayGo(unit, held, ids)) taken.push(unit);
      else {
        for (const message of unit.messages) held.add(message.subject);
        kept.push(unit);
      }
    }
    this.waiting.splice(0, scanned, ...kept);
    for (const unit of taken) {
      this.gatheredMessages -= unit.messages.length;
      for (const message of unit.messages) this.busySubjects.add(message.subject);
    }
    return taken;
  }

  private mayGo(unit: Unit, held: ReadonlySet<string>, ids: Set<string>): boolean {
    for (const { subject, messageId } of unit.messages) {
      if (held.has(subject) || this.busySubjects.has(subject)) return false;
      // The same id twice in one batch makes the server refuse the batch; the second waits and finds a duplicate.
      if (messageId !== undefined && ids.has(messageId)) return false;
    }
    for (const { messageId } of unit.messages) if (messageId !== undefined) ids.add(messageId);
    return true;
  }

  private async commit(units: readonly Unit[]): Promise<void> {
    const messages = units.flatMap((unit) => unit.messages);
    const begun = performance.now();
    let stored = false;
    let healthy = true;
    const onFailedAttempt = (): void => {
      if (healthy) this.healthy -= 1;
      healthy = false;
      this.schedulePump();
    };
    try {
      await this.storeUntilDeadline(units, messages, onFailedAttempt);
      stored = true;
    } catch (error) {
      // A unit that was stored before its neighbour failed has kept its promise.
      for (const unit of units) if (!isStored(unit)) unit.reject(error as Error);
    } finally {
      for (const unit of units) if (isStored(unit)) unit.resolve();
      for (const message of messages) this.busySubjects.delete(message.subject);
      this.waitingMessages -= messages.length;
      this.waitingBytes -= units.reduce((sum, unit) => sum + unit.bytes, 0);
      this.inFlight -= 1;
      if (healthy) this.healthy -= 1;
      this.onCommit({ messages: messages.length, ms: performance.now() - begun, stored });
      this.schedulePump();
    }
  }

  private async storeUntilDeadline(
    units: readonly Unit[],
    messages: readonly Outgoing[],
    onFailedAttempt: () => void,
  ): Promise<void> {
    const deadline = Math.min(...units.map((unit) => unit.deadline));
    for (let backoff = FIRST_BACKOFF_MS; ; backoff = Math.min(backoff * 2, LAST_BACKOFF_MS)) {
      const open = messages.filter((message) => message.ack === undefined);
      try {
        return await (areApart(units) ? this.publisher.storeEach(open) : this.publisher.store(open));
      } catch (error) {
        const unavailable = asUnavailable(error);
        if (unavailable.reason === 'full' || this.now() + backoff >= deadline) throw unavailable;
        onFailedAttempt();
        await new Promise((resolve) => setTimeout(resolve, backoff));
      }
    }
  }
}

/** Whether nothing is lost when some of them are stored and others are not: no order between them, and few. */
function areApart(units: readonly Unit[]): boolean {
  if (units.length > MAX_SINGLES || units.some(({ messages }) => messages.length > 1)) return false;
  return new Set(units.map(({ messages }) => messages[0]!.subject)).size === units.length;
}

function isStored(unit: Unit): boolean {
  return unit.messages.every((message) => message.ack !== undefined);
}
