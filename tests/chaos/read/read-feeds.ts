import { markOf, type Entry } from '../check/entry.ts';
import type { Observation } from '../check/verdict.ts';
import type { Seeded } from '../seeded.ts';
import { watchEvents } from '../watch/watch-events.ts';
import { watchSocket } from '../watch/watch-socket.ts';

export interface FeedReaderOptions {
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly random: Seeded;
  /** For all of it; what has not been shown by then is missing. */
  readonly signal: AbortSignal;
}

const PARALLEL = 8;

/** All runs as REST pages, as SSE and as WebSocket show them from their beginning; all sessions as SSE shows them. */
export async function readFeeds(
  runs: readonly string[],
  sessions: ReadonlyMap<string, number>,
  options: FeedReaderOptions,
): Promise<Observation[]> {
  const jobs = [
    ...runs.map((run) => () => readPages(run, options)),
    ...runs.map((run) => () => replay('SSE replay', run, options)),
    ...runs.map((run) => () => replay('WebSocket replay', run, options)),
    ...[...sessions].map(
      ([session, count]) =>
        () =>
          replaySession(session, count, options),
    ),
  ];
  return inParallel(jobs, PARALLEL);
}

interface RestEvent {
  readonly id: string;
  readonly position: string;
  readonly data: object;
}

async function readPages(run: string, { urls, apiKey, random, signal }: FeedReaderOptions): Promise<Observation> {
  const entries: Entry[] = [];
  for (let after = ''; ;) {
    const path = `/v1/runs/${run}/events?limit=1000${after && `&after=${after}`}`;
    const response = await fetch(random.pick(urls) + path, { headers: { authorization: `Bearer ${apiKey}` }, signal });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as { events: readonly RestEvent[]; next_after?: string };
    entries.push(...page.events.map(({ id, position, data }) => ({ id, position, mark: markOf(data) })));
    if (page.next_after === undefined) return { source: 'REST', subject: run, entries };
    after = page.next_after;
  }
}

async function replay(
  source: 'SSE replay' | 'WebSocket replay',
  run: string,
  options: FeedReaderOptions,
): Promise<Observation> {
  const entries: Entry[] = [];
  const handlers = { onEntry: (entry: Entry) => void entries.push(entry), onReset: refuseReset };
  if (source === 'SSE replay') await watchEvents('run', run, { ...options, ...handlers });
  else await watchSocket(run, { ...options, ...handlers });
  return { source, subject: run, entries };
}

/** A session has no end: it has been read when as many events were shown as it holds. */
async function replaySession(session: string, count: number, options: FeedReaderOptions): Promise<Observation> {
  const entries: Entry[] = [];
  const full = new AbortController();
  await watchEvents('session', session, {
    ...options,
    signal: AbortSignal.any([options.signal, full.signal]),
    onReset: refuseReset,
    onEntry: (entry, { run }) => {
      if (entries.push({ ...entry, id: `${run} ${entry.id}` }) >= count) full.abort();
    },
  });
  return { source: 'session replay', subject: session, entries };
}

function refuseReset(reason: string): void {
  throw new Error(`a feed was reset (${reason}) although the log was never replaced`);
}

async function inParallel<T>(jobs: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results = new Array<T>(jobs.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) results[index] = await jobs[index]!();
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, worker));
  return results;
}
