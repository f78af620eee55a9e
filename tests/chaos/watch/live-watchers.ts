import type { Entry } from '../check/entry.ts';
import type { Observation } from '../check/verdict.ts';
import type { RunPlan } from '../load/event-text.ts';
import { seeded } from '../seeded.ts';
import { watchEvents } from './watch-events.ts';
import { watchSocket } from './watch-socket.ts';

export interface LiveWatchersOptions {
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly seed: number;
  /** The most feeds that are watched at the same time; runs that begin while all are taken are not watched live. */
  readonly maxFeeds: number;
  /** Told of every event that a watcher is shown, and when it had first been sent. */
  readonly onShown?: (sentAt: string) => void;
}

type Transport = 'SSE' | 'WebSocket';

/** Clients that watch runs from their beginning to their end, whatever happens to their connections. */
export class LiveWatchers {
  /** Resets that watchers were told of. A log that was never replaced has none. */
  readonly resets: string[] = [];
  /** Watches that were refused, or were shown what is not a feed. */
  readonly faults: string[] = [];
  /** How connections over WebSocket ended, by close code. */
  readonly closeCodes = new Map<number, number>();
  private readonly shown: Observation[] = [];
  private readonly open = new Set<Promise<void>>();
  private readonly stop = new AbortController();
  private started = 0;

  constructor(private readonly options: LiveWatchersOptions) {}

  /** So many clients watch the run, over both transports in turn. */
  watch(plan: RunPlan, clients = 1): void {
    for (let client = 0; client < clients; client += 1) this.watchOnce(plan);
  }

  private watchOnce({ run }: RunPlan): void {
    if (this.open.size >= this.options.maxFeeds) return;
    const transport: Transport = (this.started += 1) % 2 === 0 ? 'SSE' : 'WebSocket';
    const entries: Entry[] = [];
    this.shown.push({ source: `${transport} live`, subject: run, entries });
    const watching = this.start(transport, run, entries)
      .catch((error: unknown) => void this.faults.push(`${transport} of ${run}: ${(error as Error).message}`))
      .finally(() => this.open.delete(watching));
    this.open.add(watching);
  }

  /** How many have not seen the end of their run yet. */
  get waiting(): number {
    return this.open.size;
  }

  /** Those that still wait leave: what they have not seen is missing. Answers what all were shown. */
  async finish(): Promise<readonly Observation[]> {
    this.stop.abort();
    await Promise.all(this.open);
    return this.shown;
  }

  private start(transport: Transport, run: string, entries: Entry[]): Promise<void> {
    const options = {
      urls: this.options.urls,
      apiKey: this.options.apiKey,
      random: seeded(this.options.seed * 7_919 + this.started),
      signal: this.stop.signal,
      onEntry: (entry: Entry, event: { readonly occurred_at: string }) => {
        entries.push(entry);
        this.options.onShown?.(event.occurred_at);
      },
      onReset: (reason: string) => void this.resets.push(`${run}: ${reason}`),
      onClose: (code: number) => void this.closeCodes.set(code, (this.closeCodes.get(code) ?? 0) + 1),
    };
    return transport === 'SSE' ? watchEvents('run', run, options) : watchSocket(run, options);
  }
}
