import { retryAfterMs } from '../backoff.ts';
import { WatchError } from './errors.ts';
import { SseParser, type SseFrame } from './sse-parser.ts';

export interface FeedConnection {
  /** The realtime gateway, e.g. `http://localhost:8081`. */
  readonly url: string;
  readonly apiKey?: string;
  readonly fetch?: typeof fetch;
  /** A feed from which not even a heartbeat came for so long is taken for dead. 45,000 unless told. */
  readonly silenceMs?: number;
}

export type OpenedFeed =
  | { readonly kind: 'open'; readonly parser: SseParser; readonly frames: AsyncGenerator<SseFrame, void> }
  /** 204: the run is over and nothing follows the position. */
  | { readonly kind: 'over' }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterMs: number | undefined };

/**
 * Opens a feed behind `after`. What a later attempt may mend comes back as `unavailable`.
 *
 * @throws {WatchError} what no attempt will mend: the key, the path, the position's form.
 */
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
    return { kind: 'unavailable', detail: failure, retryAfterMs: undefined };
  }
  if (response.status === 200 && response.body !== null) {
    const parser = new SseParser();
    return { kind: 'open', parser, frames: readFrames(response.body, parser, silence) };
  }
  silence.end();
  return judge(response);
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

async function judge(response: Response): Promise<OpenedFeed> {
  if (response.status === 204) return { kind: 'over' };
  const detail = (await response.text().catch(() => '')).slice(0, 500);
  const mayPass = response.status >= 500 || [408, 425, 429].includes(response.status);
  if (!mayPass) throw new WatchError('refused', detail, response.status);
  const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
  return { kind: 'unavailable', detail: `${response.status} ${detail}`, retryAfterMs: wait };
}

/** Ends without an error when the connection breaks: for a feed, that is one of the ways of being closed. */
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
