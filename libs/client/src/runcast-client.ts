import { backoffMs, type Backoff } from './backoff.ts';
import { pause } from './pause.ts';
import { deliver, type DeliveryOutcome, type DeliveryTarget } from './sending/deliver.ts';
import { createEventClock } from './sending/event-clock.ts';
import { Outbox } from './sending/outbox.ts';
import type { DroppedEvent, DropReason, OutgoingEvent, Parcel, SdkEvent } from './sending/outgoing.ts';
import type { DiskSpool } from './spool/disk-spool.ts';

/** As many events as `POST /v1/events` takes at once. */
const MAX_BATCH_EVENTS = 500;
/** Well below the gateway's body limit, whatever the events' share of multi-byte characters is. */
const MAX_BATCH_CHARACTERS = 200_000;

const LIMITS = { maxEvents: 10_000, maxCharacters: 32 * 1024 * 1024 };
/** A minute of 1,000 events a second, with room for what a dead process left. */
const SPOOLED_LIMITS = { maxEvents: 100_000, maxCharacters: 128 * 1024 * 1024 };

export interface RuncastClientOptions {
  /** The ingest gateway, e.g. `http://localhost:8080`. */
  readonly url: string;
  readonly apiKey: string;
  /** How many events wait at most while Runcast is away. 10,000 unless told; 100,000 with a spool. */
  readonly maxBufferedEvents?: number;
  /** The same in UTF-16 units of their JSON, so that large events cannot fill the memory. 32 Mi unless told; 128 Mi with a spool. */
  readonly maxBufferedCharacters?: number;
  /** Keeps what waits on disk as well, so that it outlives the process (Node only). One spool serves one client. */
  readonly spool?: DiskSpool;
  /** Called for every event that will not arrive. */
  readonly onDrop?: (dropped: DroppedEvent) => void;
  /** Called for every attempt that failed and will be repeated: Runcast is away, busy, or does not know the key. */
  readonly onRetry?: (retry: { attempt: number; delayMs: number; detail: string }) => void;
  readonly backoff?: Backoff;
  readonly requestTimeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly newId?: () => string;
}

export interface ClientCounts {
  /** Events handed to the client, or taken over from a spool. Always delivered + dropped + buffered. */
  readonly sent: number;
  /** Events that the gateway has confirmed as stored. */
  readonly delivered: number;
  readonly dropped: number;
  /** Events that wait or are under way; after `close`, those that wait in the spool for the next process. */
  readonly buffered: number;
}

/**
 * Sends an agent's events to Runcast, in the order they were given.
 *
 * - Never throws into the agent and never makes it wait: `send` puts the event into a bounded buffer and returns.
 * - One request is under way at a time. What is sent meanwhile gathers and leaves in the next one.
 * - Id and time are fixed when the event is handed over, so that a repeated request stores nothing twice.
 * - What does not arrive is reported to `onDrop` and counted. Without a spool only memory is used: a process that dies
 *   takes its buffer along, so end with {@link close}.
 */
export class RuncastClient {
  readonly #options: RuncastClientOptions;
  readonly #target: DeliveryTarget;
  readonly #outbox: Outbox;
  readonly #maxEvents: number;
  readonly #stamp: () => string;
  readonly #closing = new AbortController();
  #pausing = new AbortController();
  #isPumping = false;
  /** Whether the spool holds more of dead processes than there was room for. */
  #leftBehind = false;
  #flushes: { upTo: number; done: () => void }[] = [];
  #sent = 0;
  #delivered = 0;
  #dropped = 0;

  constructor(options: RuncastClientOptions) {
    this.#options = options;
    this.#target = {
      url: options.url.replace(/\/+$/, ''),
      apiKey: options.apiKey,
      // Bound: browsers refuse a fetch that is called as somebody's method.
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
      timeoutMs: options.requestTimeoutMs ?? 10_000,
    };
    const usual = options.spool ? SPOOLED_LIMITS : LIMITS;
    this.#maxEvents = options.maxBufferedEvents ?? usual.maxEvents;
    const maxCharacters = options.maxBufferedCharacters ?? usual.maxCharacters;
    this.#outbox = new Outbox({ maxEvents: this.#maxEvents, maxCharacters });
    this.#stamp = createEventClock(options.now ?? Date.now);
    this.#takeOver();
    if (options.spool) options.spool.onTouch = () => this.#takeOver();
  }

  get counts(): ClientCounts {
    return { sent: this.#sent, delivered: this.#delivered, dropped: this.#dropped, buffered: this.#outbox.size };
  }

  /** Hands over one event for `POST /v1/events`. Returns its id. */
  send<T extends string>(event: OutgoingEvent<T>): string {
    const id = event.id ?? this.#newId();
    const body = { ...event, id, occurred_at: event.occurred_at ?? this.#stamp(), data: event.data ?? {} };
    this.#enqueue({ door: 'events', id, run: event.run, type: event.type }, body);
    return id;
  }

  /** Hands over one event for the agent-os SDK ingest, `POST /api/ingest`. Returns the id that makes it idempotent. */
  sendIngest(event: SdkEvent): string {
    const id = this.#newId();
    const body = { ...event, occurred_at: event.occurred_at ?? this.#stamp() };
    this.#enqueue({ door: 'sdk-ingest', id, run: event.sdk_run_id, type: event.event_type }, body);
    return id;
  }

  /**
   * Waits until every event sent so far is stored or dropped, but no longer than `timeoutMs`. Cuts a retry pause
   * short once. Never rejects; `pending` is how many of them are still neither.
   */
  async flush({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<{ pending: number }> {
    const upTo = this.#sent;
    const settled = new AbortController();
    const flush = { upTo, done: () => settled.abort() };
    this.#flushes.push(flush);
    this.#announceSettled();
    this.#pausing.abort();
    await pause(timeoutMs, settled.signal, true);
    this.#flushes = this.#flushes.filter((other) => other !== flush);
    const oldest = this.#outbox.oldestOrdinal;
    return { pending: oldest === undefined ? 0 : Math.max(0, Math.min(upTo - oldest + 1, this.#outbox.size)) };
  }

  /**
   * Flushes, then stops for good. What is left is dropped as `closed`, or stays in the spool for the next process; what
   * is sent later is dropped.
   */
  async close({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Promise<void> {
    await this.flush({ timeoutMs });
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#pausing.abort();
    this.#options.spool?.close();
    if (!this.#options.spool) for (const parcel of this.#outbox.clear()) this.#drop(parcel, 'closed');
    this.#announceSettled();
  }

  /** `await using client = new RuncastClient(…)` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #newId(): string {
    return this.#options.newId?.() ?? crypto.randomUUID();
  }

  #enqueue(label: Omit<Parcel, 'ordinal' | 'text'>, body: object): void {
    this.#sent += 1;
    if (this.#closing.signal.aborted) return this.#drop(label, 'closed');
    let text: string;
    try {
      text = JSON.stringify(body);
    } catch (error) {
      return this.#drop(label, 'unserializable', String(error));
    }
    this.#hold({ ...label, ordinal: this.#sent, text });
  }

  #hold(parcel: Parcel): void {
    this.#options.spool?.keep(parcel);
    const evicted = this.#outbox.add(parcel);
    this.#options.spool?.forget(evicted);
    for (const each of evicted) this.#drop(each, 'buffer-full');
    this.#startPump();
  }

  /** What dead processes left goes before everything that is sent here, as far as there is room for it. */
  #takeOver(): void {
    const { spool } = this.#options;
    this.#leftBehind = false;
    while (spool && !this.#closing.signal.aborted) {
      const leftover = spool.adopt();
      if (leftover === undefined) return;
      this.#leftBehind = this.#outbox.size > 0 && this.#outbox.size + leftover.parcels.length > this.#maxEvents;
      if (this.#leftBehind) return;
      for (const parcel of leftover.parcels) this.#hold({ ...parcel, ordinal: (this.#sent += 1) });
      if (!leftover.discard()) return;
    }
  }

  #startPump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    // Not before the caller's turn is over: what it sends in one go should leave in one request.
    queueMicrotask(() => void this.#pump());
  }

  /** The one loop that sends. Ends when there is nothing left to send, or with the client. */
  async #pump(): Promise<void> {
    let attempt = 0;
    let maxEvents = MAX_BATCH_EVENTS;
    for (;;) {
      const batch = this.#outbox.lend(maxEvents, MAX_BATCH_CHARACTERS);
      if (batch.length === 0) break;
      const outcome = await deliver(batch, this.#target, this.#closing.signal);
      if (this.#closing.signal.aborted) break;
      attempt = outcome.kind === 'unavailable' ? attempt + 1 : 0;
      if (outcome.kind === 'unavailable') await this.#waitForNextAttempt(attempt, outcome);
      else if (outcome.kind === 'refused' && batch.length > 1) {
        // One bad event must not take its neighbours along: halve until it stands alone.
        this.#outbox.takeBack();
        maxEvents = Math.ceil(batch.length / 2);
      } else {
        this.#settle(batch, outcome);
        maxEvents = MAX_BATCH_EVENTS;
      }
    }
    this.#isPumping = false;
    if (this.#leftBehind) this.#takeOver();
  }

  #settle(batch: readonly Parcel[], outcome: Exclude<DeliveryOutcome, { kind: 'unavailable' }>): void {
    const refusals =
      outcome.kind === 'settled' ? outcome.refusals : batch.map((parcel) => ({ parcel, detail: outcome.detail }));
    this.#outbox.settle();
    this.#options.spool?.forget(batch);
    this.#delivered += batch.length - refusals.length;
    for (const { parcel, detail } of refusals) this.#drop(parcel, 'refused', detail);
    this.#announceSettled();
  }

  async #waitForNextAttempt(attempt: number, failure: { detail: string; retryAfterMs?: number | undefined }) {
    this.#outbox.takeBack();
    const backoff = this.#options.backoff ?? { firstMs: 250, maxMs: 10_000 };
    // While somebody waits in flush, a long pause would sleep through the time they give.
    const step = this.#flushes.length > 0 ? 1 : attempt;
    const own = backoffMs(step, backoff, (this.#options.random ?? Math.random)());
    const delayMs = Math.max(own, failure.retryAfterMs ?? 0);
    callSafely(() => this.#options.onRetry?.({ attempt, delayMs, detail: failure.detail }));
    this.#pausing = new AbortController();
    await pause(delayMs, this.#pausing.signal, false);
  }

  #drop(label: Pick<Parcel, 'id' | 'run' | 'type'>, reason: DropReason, detail?: string): void {
    this.#dropped += 1;
    callSafely(() => this.#options.onDrop?.({ id: label.id, run: label.run, type: label.type, reason, detail }));
  }

  #announceSettled(): void {
    const oldest = this.#outbox.oldestOrdinal ?? Infinity;
    for (const flush of this.#flushes) if (oldest > flush.upTo) flush.done();
  }
}

/** The agent's own callbacks may throw; the events behind the one they were called for must still leave. */
function callSafely(callback: () => void): void {
  try {
    callback();
  } catch {
    // Nowhere to report to: reporting is what has just failed.
  }
}
