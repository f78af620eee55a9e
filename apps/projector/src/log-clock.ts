import type { LogEntry, Silence } from '@runcast/read-models';
import { timestampFromMs, timestampToMs, type Timestamp } from '@runcast/run-events';

export interface LogClockOptions {
  /** Milliseconds that only ever grow, whatever becomes of the wall clock. */
  readonly elapsed: () => number;
  /** How long nobody must have spoken for it to count as a silence. */
  readonly quietMs: number;
  /** How much silence is remembered, the newest first. */
  readonly rememberedMs: number;
}

interface Heard {
  readonly atMs: number;
  readonly elapsedMs: number;
}

/**
 * The log's time, told from the log: the time of its newest record, and what has passed since it was read here. So it is
 * never ahead of the log's own clock: not when this machine's clock is wrong, not when the tables lag, and not after a
 * restart. It also notes the silences: times in which the log took nothing from anybody, as when intake is down.
 */
export class LogClock {
  readonly #options: LogClockOptions;
  #heard: Heard | undefined;
  #silences: Silence[] = [];

  constructor(options: LogClockOptions) {
    this.#options = options;
  }

  /** These were read from the log, in order. */
  read(entries: readonly LogEntry[]): void {
    const times = entries.flatMap((entry) => (entry.kind === 'event' ? [timestampToMs(entry.event.receivedAt)] : []));
    if (times.length === 0) return;
    let before = this.#heard?.atMs ?? times[0]!;
    for (const time of times) {
      if (time - before > this.#options.quietMs) this.#note({ until: timestampFromMs(time), ms: time - before });
      before = time;
    }
    this.#heard = { atMs: before, elapsedMs: this.#options.elapsed() };
  }

  /** `undefined` until a first event has been read. */
  now(): Timestamp | undefined {
    return this.#heard && timestampFromMs(this.#heard.atMs + this.#quiet(this.#heard));
  }

  /** The silences that are remembered, and the one under way. */
  silences(): Silence[] {
    if (!this.#heard) return [];
    const ms = this.#quiet(this.#heard);
    return ms > this.#options.quietMs ? [...this.#silences, { until: this.now()!, ms }] : this.#silences;
  }

  #quiet(heard: Heard): number {
    return Math.floor(this.#options.elapsed() - heard.elapsedMs);
  }

  #note(silence: Silence): void {
    this.#silences.push(silence);
    // Older ones cannot count any more: together, the newer ones are worth all that is ever allowed.
    let worthMs = 0;
    const enough = this.#silences.findLastIndex(({ ms }) => (worthMs += ms) >= this.#options.rememberedMs);
    if (enough > 0) this.#silences = this.#silences.slice(enough);
  }
}
