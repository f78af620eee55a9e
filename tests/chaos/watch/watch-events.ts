import { watchRun, watchSession, type WatchedEvent, type WatchOptions } from '@runcast/client';
import { markOf, type Entry } from '../check/entry.ts';
import type { Seeded } from '../seeded.ts';

export interface EventsWatchOptions {
  /** Every realtime gateway; each connection goes to any of them. */
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly random: Seeded;
  readonly signal: AbortSignal;
  readonly onEntry: (entry: Entry, event: WatchedEvent) => void;
  readonly onReset: (reason: string) => void;
}

/** A gateway that is frozen says nothing and closes nothing; heartbeats come every second here. */
const SILENCE_MS = 5_000;
const BACKOFF = { firstMs: 50, maxMs: 400 };

/** Watches one run or session over SSE with the project's own client, until the run ends or the signal aborts. */
export async function watchEvents(
  kind: 'run' | 'session',
  name: string,
  { urls, apiKey, random, signal, onEntry, onReset }: EventsWatchOptions,
): Promise<void> {
  const roaming: typeof fetch = (address, init) => {
    const { pathname, search } = new URL(address instanceof Request ? address.url : address);
    return fetch(`${random.pick(urls)}${pathname}${search}`, init);
  };
  const connection = { url: urls[0]!, apiKey, fetch: roaming, silenceMs: SILENCE_MS };
  const options: WatchOptions = { signal, backoff: BACKOFF, onReset: ({ reason }) => onReset(reason) };
  const events = kind === 'run' ? watchRun(connection, name, options) : watchSession(connection, name, options);
  for await (const event of events) {
    onEntry({ id: event.id, position: copied(event.position), mark: markOf(event.data) }, event);
  }
}

/** A position that was cut out of what came over the network holds all of that in memory for as long as it is kept. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
