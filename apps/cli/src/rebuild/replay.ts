import { positionOf, type LogEntry } from '@runcast/read-models';

export interface ReplayOptions {
  /** How long to wait for a record that should be there before it counts as erased from the log. */
  readonly patienceMs: number;
  /** Resolves after this long, or when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A tail of the log that is read up to one sequence, then up to a later one, and so on. */
export class Replay {
  readonly #batches: AsyncIterator<readonly LogEntry[]>;
  #held: readonly LogEntry[] = [];
  #next: Promise<IteratorResult<readonly LogEntry[]>> | undefined;

  constructor(
    tail: AsyncIterable<readonly LogEntry[]>,
    private readonly options: ReplayOptions,
  ) {
    this.#batches = tail[Symbol.asyncIterator]();
  }

  /** Everything up to and including `sequence` that has not been handed on before, in order. */
  async *upTo(sequence: number): AsyncGenerator<readonly LogEntry[], void, void> {
    for (;;) {
      if (this.#held.length === 0) this.#held = await this.#read();
      if (this.#held.length === 0) return;
      const beyond = this.#held.findIndex((entry) => positionOf(entry).sequence > sequence);
      const within = beyond === -1 ? this.#held : this.#held.slice(0, beyond);
      this.#held = this.#held.slice(within.length);
      if (within.length > 0) yield within;
      if (this.#held.length > 0 || positionOf(within.at(-1)!).sequence >= sequence) return;
    }
  }

  /** To be called once the tail's signal has been aborted: it lets go of its consumer only when it is read to its end. */
  async end(): Promise<void> {
    try {
      let last = await (this.#next ?? this.#batches.next());
      while (last.done !== true) last = await this.#batches.next();
    } catch {
      // Whatever it failed with, it has ended.
    }
  }

  /** The next batch; none when the tail has ended or patience has: the read goes on and is what comes next time. */
  async #read(): Promise<readonly LogEntry[]> {
    this.#next ??= this.#batches.next();
    const waiting = new AbortController();
    const gaveUp = this.options.pause(this.options.patienceMs, waiting.signal).then(() => undefined);
    const result = await Promise.race([this.#next, gaveUp]).finally(() => waiting.abort());
    if (result === undefined) return [];
    this.#next = undefined;
    return result.done === true ? [] : result.value;
  }
}
