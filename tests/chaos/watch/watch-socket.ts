import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { markOf, type Entry } from '../check/entry.ts';
import type { Seeded } from '../seeded.ts';

export interface SocketWatchOptions {
  /** Every realtime gateway; each connection goes to any of them. */
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly random: Seeded;
  readonly signal: AbortSignal;
  readonly onEntry: (entry: Entry, event: SocketEvent) => void;
  readonly onReset: (reason: string) => void;
  /** Told how each connection that had been established was closed. */
  readonly onClose?: (code: number) => void;
}

export interface SocketEvent {
  readonly id: string;
  readonly position: string;
  readonly occurred_at: string;
  readonly data: object;
}

type Frame = SocketEvent | { readonly control: 'end' | 'reset'; readonly reason?: string };

const ENDED = 1000;
/** A gateway that is frozen says nothing and closes nothing; pings come every second here. */
const SILENCE_MS = 5_000;

/** Watches one run over WebSockets, resuming by position over every interruption, until the run ends. */
export async function watchSocket(run: string, options: SocketWatchOptions): Promise<void> {
  let after: string | undefined;
  while (!options.signal.aborted) {
    const code = await connectOnce(run, after, options, (position) => (after = position));
    if (code === ENDED) return;
    await sleep(options.random.between(50, 400), undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** One connection, from its opening to its end. Answers the close code; `undefined` when it was never established. */
async function connectOnce(
  run: string,
  after: string | undefined,
  options: SocketWatchOptions,
  moveTo: (position: string | undefined) => void,
): Promise<number | undefined> {
  const { urls, apiKey, random, signal } = options;
  const query = new URLSearchParams({ 'x-api-key': apiKey, ...(after !== undefined && { after }) });
  const url = `${random.pick(urls).replace('http', 'ws')}/v1/runs/${run}/stream?${query.toString()}`;
  const socket = new WebSocket(url, { handshakeTimeout: SILENCE_MS });
  const silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  const abort = (): void => socket.terminate();
  signal.addEventListener('abort', abort, { once: true });
  let established = false;
  socket.on('open', () => (established = true));
  socket.on('ping', () => silence.refresh());
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    silence.refresh();
    takeFrame(JSON.parse(data.toString()) as Frame, options, moveTo);
  });
  const code = await new Promise<number>((resolve) => socket.once('close', resolve));
  clearTimeout(silence);
  signal.removeEventListener('abort', abort);
  if (!established || signal.aborted) return undefined;
  options.onClose?.(code);
  return code;
}

/** After the end the position stays: the connection may be cut before it is closed, and is then resumed behind the end. */
function takeFrame(
  frame: Frame,
  { onEntry, onReset }: SocketWatchOptions,
  moveTo: (position: string | undefined) => void,
): void {
  if (!('control' in frame)) {
    const { id, position, data } = frame;
    onEntry({ id, position, mark: markOf(data) }, frame);
    return moveTo(position);
  }
  if (frame.control !== 'reset') return;
  onReset(frame.reason ?? '');
  moveTo(undefined);
}
