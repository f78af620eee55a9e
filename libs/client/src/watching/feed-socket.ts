import { pause } from '../pause.ts';
import { Channel, type ChannelLimits } from './channel.ts';
import { WatchError } from './errors.ts';
import type { FeedKey, FeedRequest, FeedSource, OpenedFeed } from './feed-source.ts';

export interface FeedSocketOptions {
  /** The realtime gateway, e.g. `http://localhost:8081`. */
  readonly url: string;
  /** Stands in the address of the socket, and so in logs; give a page a ticket instead. */
  readonly apiKey?: string;
  /** Asks your back end for a ticket for these feeds (`POST /v1/tickets`); called for every connection. */
  readonly ticket?: (feeds: readonly FeedKey[]) => Promise<string>;
  readonly WebSocket?: typeof WebSocket;
  /** A socket from which not even an answer to a ping came for so long is taken for dead. 45,000 unless told. */
  readonly silenceMs?: number;
  readonly limits?: ChannelLimits;
}

/** Longer than a watch waits before it comes back. */
const REMEMBERED_MS = 30_000;
/** As many as one ticket may name. */
const MAX_TICKET_FEEDS = 200;

interface Connected {
  readonly socket: WebSocket;
  /** What its ticket allows; everything where there is none. */
  readonly allows: ReadonlySet<string> | undefined;
}

interface Frame {
  readonly subscription?: string;
  readonly control?: string;
  readonly position?: string;
  readonly event?: unknown;
  readonly errors?: unknown;
}

/**
 * One WebSocket (`WS /v1/stream`) for up to 200 watches: pass it to `watchRun` and `watchSession` in place of a connection.
 * A browser opens no more than six connections to one host over HTTP/1.1, and a page of twenty runs wants twenty feeds.
 *
 * It is connected while something is watched. When it breaks, each watch comes back behind its own last position.
 */
export class FeedSocket implements FeedSource {
  readonly #options: FeedSocketOptions;
  readonly #channels = new Map<string, Channel>();
  /** What is watched, and what was until a moment ago: a watch that waits before it comes back is in no channel. */
  readonly #wanted = new Map<string, { readonly key: FeedKey; readonly seenMs: number }>();
  #connecting: Promise<Connected> | undefined;
  #current: WebSocket | undefined;
  #next = 0;

  constructor(options: FeedSocketOptions) {
    this.#options = options;
  }

  async openFeed(request: FeedRequest, after: string | undefined, signal: AbortSignal): Promise<OpenedFeed> {
    const name = String((this.#next += 1));
    const channel = new Channel(request.key, this.#options.limits);
    this.#channels.set(name, channel);
    this.#want(request.key);
    try {
      const { socket } = await this.#connected(request.key);
      // Given up for a ticket that names more, while we waited for our turn: a browser would drop the command silently.
      if (socket.readyState !== 1) throw new Error('the socket was replaced');
      const { key, ...asked } = request;
      channel.socket = socket;
      socket.send(JSON.stringify({ action: 'subscribe', subscription: name, ...key, ...only(asked), after }));
      const opened = await channel.opened(signal);
      if (opened !== undefined) return this.#left(name, opened);
    } catch (error) {
      this.#leave(name);
      if (error instanceof WatchError) throw error;
      return { kind: 'unavailable', detail: String(error) };
    }
    return { kind: 'open', frames: this.#framesOf(name, channel, signal), retryMs: () => undefined };
  }

  async *#framesOf(name: string, channel: Channel, signal: AbortSignal) {
    try {
      yield* channel.frames(signal);
    } finally {
      this.#want(channel.key);
      this.#leave(name);
    }
  }

  #want(key: FeedKey): void {
    this.#wanted.set(nameOf(key), { key, seenMs: performance.now() });
  }

  /** What a ticket must name, so that no watch that comes back has to replace the socket of the others. */
  #wantedNow(): Map<string, FeedKey> {
    const open = new Set([...this.#channels.values()].map(({ key }) => nameOf(key)));
    for (const [name, { seenMs }] of this.#wanted) {
      if (!open.has(name) && performance.now() - seenMs > REMEMBERED_MS) this.#wanted.delete(name);
    }
    return new Map([...this.#wanted].slice(-MAX_TICKET_FEEDS).map(([name, { key }]) => [name, key]));
  }

  #left(name: string, opened: OpenedFeed): OpenedFeed {
    this.#leave(name);
    return opened;
  }

  /** The last one out closes the socket: a Node process must be able to end. */
  #leave(name: string): void {
    if (!this.#channels.delete(name)) return;
    void this.#connecting?.then(
      ({ socket }) => {
        if (this.#channels.size === 0) socket.close(1000);
        else if (socket.readyState === 1) socket.send(JSON.stringify({ action: 'unsubscribe', subscription: name }));
      },
      () => undefined,
    );
  }

  /** The open socket. A ticket that does not name the feed is replaced, by a new socket for all that is watched. */
  async #connected(key: FeedKey): Promise<Connected> {
    const connected = await (this.#connecting ??= this.#connect());
    if (connected.allows?.has(nameOf(key)) !== false && connected.socket.readyState === 1) return connected;
    this.#giveUp(connected.socket);
    return (this.#connecting ??= this.#connect());
  }

  async #connect(): Promise<Connected> {
    try {
      // What a page opens in one go shares the first ticket.
      await pause(0, new AbortController().signal, true);
      const keys = this.#wantedNow();
      const ticket = await this.#options.ticket?.([...keys.values()]);
      const socket = await this.#open(ticket);
      this.#current = socket;
      return { socket, allows: ticket === undefined ? undefined : new Set(keys.keys()) };
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  #open(ticket: string | undefined): Promise<WebSocket> {
    const { url, apiKey, WebSocket: Socket = globalThis.WebSocket, silenceMs = 45_000 } = this.#options;
    const query = apiKey === undefined ? '' : `?x-api-key=${encodeURIComponent(apiKey)}`;
    const address = `${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/v1/stream${query}`;
    // As a subprotocol the ticket stands in no address.
    const socket = new Socket(address, ticket === undefined ? [] : ['runcast', `runcast.ticket.${ticket}`]);
    return new Promise((resolve, reject) => {
      let heardMs = performance.now();
      const beat = setInterval(() => {
        if (performance.now() - heardMs > silenceMs) this.#giveUp(socket);
        else if (socket.readyState === 1) socket.send('{"action":"ping"}');
      }, silenceMs / 3);
      socket.onopen = () => resolve(socket);
      socket.onmessage = ({ data }) => {
        heardMs = performance.now();
        this.#take(JSON.parse(String(data)) as Frame);
      };
      // Not in onclose, which a socket that was given up no longer has.
      socket.addEventListener('close', () => clearInterval(beat));
      const lose = (code: number, reason: string): void => {
        reject(new Error(`the socket was closed with ${code} ${reason}`));
        this.#lost(socket, code, reason);
      };
      socket.onclose = ({ code, reason }) => lose(code, reason);
      // A page's own security policy ends a socket with an error alone: Chromium says no close behind it.
      socket.onerror = () => {
        if (socket.readyState !== 3) return;
        clearInterval(beat);
        lose(1006, 'the socket could not be opened');
      };
    });
  }

  #take(frame: Frame): void {
    const channel = frame.subscription === undefined ? undefined : this.#channels.get(frame.subscription);
    if (channel === undefined) return;
    if (frame.control !== undefined) channel.control(frame.control, frame);
    else channel.push({ data: JSON.stringify(frame.event), ...(frame.position && { id: frame.position }) });
  }

  /** A peer that has vanished never answers the close: nobody waits for it. */
  #giveUp(socket: WebSocket): void {
    socket.onclose = null;
    socket.close();
    this.#lost(socket, 1006, '');
  }

  #lost(socket: WebSocket, code: number, reason: string): void {
    if (this.#current === socket) this.#connecting = this.#current = undefined;
    // 45xx: not before something has changed; a new ticket is such a change.
    const isForGood = code >= 4500 && code < 4600 && this.#options.ticket === undefined;
    const refusal = isForGood ? new WatchError('refused', reason, code) : undefined;
    for (const channel of this.#channels.values()) if (channel.socket === socket) channel.end(refusal);
  }
}

function nameOf(key: FeedKey): string {
  return JSON.stringify(key);
}

/** The parts of a request that the command knows. */
function only({ follow, types, level, dialect }: Omit<FeedRequest, 'key'>): object {
  return { follow, types, level, dialect };
}
