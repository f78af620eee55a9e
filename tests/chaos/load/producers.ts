import { setTimeout as sleep } from 'node:timers/promises';
import { timestampFromMs } from '@runcast/run-events';
import { seeded, type Seeded } from '../seeded.ts';
import { plannedEvent, type PlannedEvent, type RunPlan } from './event-text.ts';
import type { Journal } from './journal.ts';
import { sendUntilTaken, type Attempt } from './sender.ts';

export interface LoadOptions {
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly journal: Journal;
  readonly seed: number;
  /** What the names of its runs and sessions begin with: those of another tenant must differ. */
  readonly prefix: string;
  /** Runs that are written at the same time, each by one producer. */
  readonly producers: number;
  readonly eventsPerSecond: number;
  /** The most events of a run in one request. */
  readonly batch: number;
  /** From start to end, both included: the shortest and the longest run. */
  readonly runLength: readonly [number, number];
  readonly padding?: number;
  /** The runs of the first so many producers begin with large events. */
  readonly heavy?: { readonly producers: number; readonly head: NonNullable<RunPlan['head']> };
  /** How many runs a producer writes at most. */
  readonly runsPerProducer?: number;
}

const RUNS_PER_SESSION = 3;

/** Agents that write runs until they are told to stop, and then end the runs they are in. */
export class Producers {
  /** Of every run that was begun, which session it names. */
  readonly sessions = new Map<string, string>();
  /** Requests that were not taken at the first attempt, and the most attempts that one needed. */
  retried = 0;
  mostAttempts = 0;
  private readonly runBegun = new Set<(plan: RunPlan) => void>();
  private readonly attemptEnded = new Set<(attempt: Attempt) => void>();
  private stopping = false;

  constructor(private readonly options: LoadOptions) {}

  /** Resolves when all have stopped and everything they sent is in the journal. Rejects with the first broken answer. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.options.producers }, (_, producer) => this.produce(producer)));
  }

  stop(): void {
    this.stopping = true;
  }

  onRun(listener: (plan: RunPlan) => void): () => void {
    this.runBegun.add(listener);
    return () => this.runBegun.delete(listener);
  }

  /** When a request that was begun after `begunAfter` is answered with 202. */
  nextTaken(begunAfter: number): Promise<number> {
    return new Promise((resolve) => {
      const listener = ({ begunAt, endedAt, taken }: Attempt): void => {
        if (!taken || begunAt < begunAfter) return;
        this.attemptEnded.delete(listener);
        resolve(endedAt);
      };
      this.attemptEnded.add(listener);
    });
  }

  private async produce(producer: number): Promise<void> {
    const { seed, runLength, padding = 0, heavy, runsPerProducer = Number.POSITIVE_INFINITY } = this.options;
    const name = `${this.options.prefix}p${producer}`;
    const head = heavy !== undefined && producer < heavy.producers ? { head: heavy.head } : {};
    const random = seeded(seed * 1_000 + producer);
    for (let index = 0; !this.stopping && index < runsPerProducer; index += 1) {
      const run = `${name}-r${index}`;
      const session = `${name}-s${Math.floor(index / RUNS_PER_SESSION)}`;
      const plan = { run, session, length: random.between(...runLength), padding, ...head };
      this.sessions.set(run, session);
      for (const listener of this.runBegun) listener(plan);
      await this.write(plan, random);
    }
  }

  private async write(plan: RunPlan, random: Seeded): Promise<void> {
    let length = plan.length;
    for (let index = 0; index < length;) {
      const begun = performance.now();
      // Whoever watches the run is to see its end.
      if (this.stopping) length = Math.min(length, index + 2);
      const size = Math.min(random.between(1, this.options.batch), length - index);
      const events = Array.from({ length: size }, (_, offset) =>
        plannedEvent({ ...plan, length }, index + offset, random.next(), timestampFromMs(Date.now())),
      );
      await this.send(events, random);
      index += size;
      if (!this.stopping) await sleep(Math.max(0, begun + size * this.intervalMs() - performance.now()));
    }
  }

  /** How long one producer has for one event. */
  private intervalMs(): number {
    return (1_000 * this.options.producers) / this.options.eventsPerSecond;
  }

  private async send(events: readonly PlannedEvent[], random: Seeded): Promise<void> {
    const { urls, apiKey, journal } = this.options;
    const onAttempt = (attempt: Attempt): void => this.attemptEnded.forEach((listener) => listener(attempt));
    const { receipts, attempts } = await sendUntilTaken(events, { urls, apiKey, random, onAttempt });
    if (attempts > 1) this.retried += 1;
    this.mostAttempts = Math.max(this.mostAttempts, attempts);
    await journal.append(
      events.map(({ run, id, mark }, index) => ({ run, id, mark, position: receipts[index]!.position })),
    );
  }
}
