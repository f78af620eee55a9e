import { addUp, type Histogram } from '../measure/histogram.ts';
import { Program } from './program.ts';
import type { Through, WatcherMethods, WatchOrder } from './watchers.ts';

/** How long to wait for events before it is a failure: far more than any of them takes. */
const PATIENCE_MS = 60_000;
const CONNECTING_AT_ONCE = 64;

/** Processes full of clients. */
export class Watchers {
  private readonly audiences: Audience[] = [];
  /** What was heard of watches, also before the audience that they are part of was complete. */
  private readonly through = new Map<string, number>();

  private constructor(private readonly programs: readonly Program<WatcherMethods>[]) {
    for (const program of programs) {
      program.listen((news) => {
        const { watch, events } = news as Through;
        this.through.set(nameOf(program, watch), events);
        for (const audience of this.audiences) audience.hear(program, news as Through);
      });
    }
  }

  static async start(processes: number): Promise<Watchers> {
    const starting = Array.from({ length: processes }, () => Program.start<WatcherMethods>('load/watchers'));
    return new Watchers(await Promise.all(starting));
  }

  /** Connects one client for each path, spread over the processes. */
  async gather(order: Omit<WatchOrder, 'atOnce'>): Promise<Audience> {
    const programs = this.programs.slice(0, order.paths.length);
    const share = Math.ceil(order.paths.length / programs.length);
    const watches = await Promise.all(
      programs.map(async (program, index) => {
        const paths = order.paths.slice(index * share, (index + 1) * share);
        const atOnce = Math.ceil(CONNECTING_AT_ONCE / programs.length);
        return { program, watch: await program.call('watch', { ...order, paths, atOnce }) };
      }),
    );
    const throughOf = ({ program, watch }: (typeof watches)[number]): number =>
      this.through.get(nameOf(program, watch)) ?? 0;
    const audience = new Audience(watches.map((part) => ({ ...part, through: throughOf(part) })));
    this.audiences.push(audience);
    return audience;
  }

  /** What the busiest of the processes has used, in words. */
  async usage(): Promise<string> {
    const usages = await Promise.all(this.programs.map((program) => program.usage()));
    const cpu = Math.max(...usages.map(({ cpuShare }) => cpuShare));
    const delay = Math.max(...usages.map(({ loopDelayP99Ms }) => loopDelayP99Ms));
    return `clients: ${Math.round(cpu * 100)} % of a core each, loop p99 ${delay.toFixed(1)} ms`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop()));
  }
}

function nameOf(program: Program<WatcherMethods>, watch: number): string {
  return `${program.pid}.${watch}`;
}

interface Part {
  readonly program: Program<WatcherMethods>;
  readonly watch: number;
  through: number;
}

/** Clients who watch the same thing: what counts is when the last of them has an event. */
export class Audience {
  private onThrough: () => void = () => undefined;

  constructor(private readonly parts: Part[]) {}

  hear(program: Program<WatcherMethods>, { watch, events }: Through): void {
    const part = this.parts.find((each) => each.program === program && each.watch === watch);
    if (part === undefined) return;
    part.through = Math.max(part.through, events);
    this.onThrough();
  }

  /** The next event is the first. */
  async restart(): Promise<void> {
    await this.ask((program, watch) => program.call('restart', watch));
    for (const part of this.parts) part.through = 0;
  }

  /** Resolves when every client has received so many events. */
  async whenThrough(events: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => void this.lateness(events).then(reject), PATIENCE_MS);
    });
    const through = new Promise<void>((resolve) => {
      this.onThrough = () => {
        if (this.parts.every((part) => part.through >= events)) resolve();
      };
      this.onThrough();
    });
    await Promise.race([through, late]).finally(() => clearTimeout(timer));
  }

  async latencies(sentAt: readonly number[]): Promise<Histogram> {
    return addUp(await this.ask((program, watch) => program.call('latencies', { watch, sentAt })));
  }

  async leave(): Promise<void> {
    await this.ask((program, watch) => program.call('leave', watch));
  }

  private async lateness(events: number): Promise<Error> {
    const received = await this.ask((program, watch) => program.call('received', { watch, events }));
    const there = received.reduce((sum, clients) => sum + clients, 0);
    return new Error(`after ${PATIENCE_MS / 1_000} s only ${there} clients have had ${events} events`);
  }

  private ask<T>(question: (program: Program<WatcherMethods>, watch: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.parts.map(({ program, watch }) => question(program, watch)));
  }
}
