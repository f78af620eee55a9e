import { WatchError } from './errors.ts';
import type { FeedKey, OpenedFeed } from './feed-source.ts';
import type { SseFrame } from './sse-parser.ts';

/** What HTTP says for a run that was erased. */
const GONE = 410;

export interface ChannelLimits {
  /** How many frames wait for a reader that is slower than the socket, before the feed is left and resumed. */
  readonly maxFrames: number;
}

/** The frames of one subscription on their way from a shared socket to their reader. */
export class Channel {
  readonly key: FeedKey;
  /** The socket on which it was asked for. */
  socket: WebSocket | undefined;
  readonly #limits: ChannelLimits;
  #waiting: SseFrame[] = [];
  #state: 'opening' | 'open' | 'ended' = 'opening';
  #subscribed = false;
  #failure: WatchError | undefined;
  #wake: () => void = () => undefined;

  constructor(key: FeedKey, limits: ChannelLimits = { maxFrames: 10_000 }) {
    this.key = key;
    this.#limits = limits;
  }

  /** Resolves with `undefined` once the subscription stands, and with what came of it otherwise. */
  async opened(signal: AbortSignal): Promise<OpenedFeed | undefined> {
    while (this.#state === 'opening' && !signal.aborted) await this.#change(signal);
    if (this.#failure && !this.#subscribed) throw this.#failure;
    // It may be over already, and frames may wait all the same.
    return this.#subscribed ? undefined : { kind: 'unavailable', detail: 'the socket was closed' };
  }

  /** @throws {WatchError} when the feed was refused for good. */
  async *frames(signal: AbortSignal): AsyncGenerator<SseFrame, void> {
    while (!signal.aborted) {
      const frames = this.#waiting;
      this.#waiting = [];
      for (const frame of frames) yield frame;
      if (this.#waiting.length > 0) continue;
      if (this.#failure) throw this.#failure;
      if (this.#state === 'ended') return;
      await this.#change(signal);
    }
  }

  push(frame: SseFrame): void {
    if (this.#state === 'ended') return;
    this.#waiting.push(frame);
    // A browser's socket cannot be told to wait. The log can: the reader comes back for the rest by its position.
    if (this.#waiting.length >= this.#limits.maxFrames) this.#state = 'ended';
    this.#wake();
  }

  control(name: string, frame: { readonly errors?: unknown }): void {
    if (name === 'subscribed') {
      this.#subscribed = true;
      this.#state = 'open';
    } else if (name === 'reset' || name === 'end') this.push({ event: name, data: JSON.stringify(frame) });
    else if (name === 'refused') this.end(new WatchError('refused', JSON.stringify(frame.errors)));
    else if (name === 'erased') this.end(new WatchError('refused', 'The run was erased.', GONE));
    else if (name === 'failed' || name === 'unsubscribed') this.end();
    this.#wake();
  }

  end(failure?: WatchError): void {
    this.#failure ??= failure;
    this.#state = 'ended';
    this.#wake();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const changed = (): void => {
        signal.removeEventListener('abort', changed);
        resolve();
      };
      this.#wake = changed;
      signal.addEventListener('abort', changed, { once: true });
    });
  }
}
