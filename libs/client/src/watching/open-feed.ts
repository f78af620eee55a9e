import { retryAfterMs } from '../backoff.ts';
import { WatchError } from './errors.ts';
import type { FeedKey, FeedRequest, OpenedFeed } from './feed-source.ts';
import { SseParser, type SseFrame } from './sse-parser.ts';

export interface FeedConnection {
  /** The realtime gateway, e.g. `http://localhost:8081`. */
  readonly url: string;
  readonly apiKey?: string;
  /**
   * Instead of a key, in browsers: asks your back end for a ticket for this feed (`POST /v1/tickets`). A ticket opens one
   * connection, so it is called again for each.
   */
  readonly ticket?: (feed: FeedKey) => Promise<string>;
  readonly fetch?: typeof fetch;
  /** A feed from which not even a heartbeat came for so long is taken for dead. 45,000 unless told. */
  readonly silenceMs?: number;
}

/** Opens a feed as Server-Sent Events: {@link FeedSource.openFeed}. */
export async function openEvents(
  connection: FeedConnection,
  feed: FeedRequest,
  after: string | undefined,
  signal: AbortSignal,
): Promise<OpenedFeed> {
  let ticket: string | undefined;
  try {
    ticket = await connection.ticket?.(feed.key);
  } catch (error) {
    return { kind: 'unavailable', detail: String(error) };
  }
  return openFeed(connection, pathOf(feed, ticket), after, signal);
}

/** The same for any stream of the gateway. */
export async function openFeed(
  connection: FeedConnection,
  path: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<OpenedFeed> {
  const silence = new Silence(connection.silenceMs ?? 45_000);
  const { response, failure } = await request(connection, path, after, AbortSignal.any([signal, silence.signal]));
  if (response === undefined) {
    silence.end();
    return { kind: 'unavailable', detail: failure };
  }
  if (response.status === 200 && response.body !== null) {
    const parser = new SseParser();
    return { kind: 'open', frames: readFrames(response.body, parser, silence), retryMs: () => parser.retryMs };
  }
  silence.end();
  return judge(response, connection.ticket !== undefined);
}

async function request(
  connection: FeedConnection,
  path: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<{ response: Response; failure?: never } | { response?: never; failure: string }> {
  const headers = {
    accept: 'text/event-stream',
    ...(connection.apiKey !== undefined && { authorization: `Bearer ${connection.apiKey}` }),
    ...(after !== undefined && { 'last-event-id': after }),
  };
  const call = connection.fetch ?? globalThis.fetch;
  try {
    return {
      response: await call(`${connection.url.replace(/\/+$/, '')}${path}`, { headers, signal, cache: 'no-store' }),
    };
  } catch (error) {
    return { failure: String(error) };
  }
}

function pathOf({ key, follow, types, level, dialect }: FeedRequest, ticket: string | undefined): string {
  const [list, id] = 'run' in key ? ['runs', key.run] : ['sessions', key.session];
  const query = new URLSearchParams({
    ...(follow && { follow: 'true' }),
    ...(types && { types: types.join(',') }),
    ...(level !== undefined && { level }),
    ...(dialect !== undefined && { dialect }),
    ...(ticket !== undefined && { ticket }),
  }).toString();
  return `/v1/${list}/${encodeURIComponent(id)}/stream${query && `?${query}`}`;
}

async function judge(response: Response, byTicket: boolean): Promise<OpenedFeed> {
  if (response.status === 204) return { kind: 'over' };
  const detail = (await response.text().catch(() => '')).slice(0, 500);
  const mayPass = response.status >= 500 || [408, 425, 429].includes(response.status);
  const refusal = new WatchError('refused', detail, response.status);
  // A ticket may have been too old when it arrived; the next one is new.
  if (response.status === 401 && byTicket) return { kind: 'unavailable', detail: `401 ${detail}`, refusal };
  if (!mayPass) throw refusal;
  const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
  return { kind: 'unavailable', detail: `${response.status} ${detail}`, retryAfterMs: wait };
}

/** Ends without an error when the connection breaks. */
async function* readFrames(
  body: ReadableStream<Uint8Array>,
  parser: SseParser,
  silence: Silence,
): AsyncGenerator<SseFrame, void> {
  const reader = body.getReader();
  // Cuts within a character are put together again; a byte order mark is dropped.
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const read = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
      if (read.done) return;
      silence.restart();
      yield* parser.push(decoder.decode(read.value, { stream: true }));
    }
  } finally {
    silence.end();
    await reader.cancel().catch(() => undefined);
  }
}

/** Notices a peer that vanished without closing (a pulled cable, a frozen host), which TCP reports only much later. */
class Silence {
  readonly #longestMs: number;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    this.end();
    this.#timer = setTimeout(() => this.#controller.abort(new Error('the feed fell silent')), this.#longestMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
