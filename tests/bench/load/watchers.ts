import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { histogramOf, type Histogram } from '../measure/histogram.ts';
import { SocketCounter, SseCounter, type FrameCounter } from './frame-counters.ts';
import { serve, tell } from './serve.ts';

export type Transport = 'websocket' | 'sse';

export interface WatchOrder {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  /** One client for each. */
  readonly paths: readonly string[];
  /** Lines of the request's head, each with its line break. */
  readonly headers: string;
  /** How many connections may be on their way at once. */
  readonly atOnce: number;
}

/** Told when every client of this process has received its n-th event; of several that come at once, the last. */
export interface Through {
  readonly watch: number;
  readonly events: number;
}

export type WatcherMethods = {
  /** Resolves to the number of the watch, when every client has been answered. */
  watch(order: WatchOrder): Promise<number>;
  /** Forgets what has been received, so that the next event is the first again. */
  restart(watch: number): void;
  /** How long each event took to each client; `sentAt[n]` is when event n + 1 was sent, by the machine's clock. */
  latencies(question: { watch: number; sentAt: readonly number[] }): Histogram;
  /** How many clients have received at least so many events. */
  received(question: { watch: number; events: number }): number;
  leave(watch: number): void;
};

interface Watch {
  readonly sockets: Socket[];
  /** Events received, by client. */
  readonly counts: number[];
  /** Clients that have received the n-th event, by n - 1. */
  reached: number[];
  /** When a client received its n-th event, by n - 1 and then in no order. */
  arrivals: number[][];
}

const watches = new Map<number, Watch>();
const RECEIVE_BYTES = 64 * 1024;

/** The machine's own clock: the same in every process, and never set. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function watch(order: WatchOrder): Promise<number> {
  const number = watches.size + 1;
  const state: Watch = { sockets: [], counts: order.paths.map(() => 0), reached: [], arrivals: [] };
  watches.set(number, state);
  let next = 0;
  const open = async (): Promise<void> => {
    for (let client = next++; client < order.paths.length; client = next++) await openOne(number, state, order, client);
  };
  await Promise.all(Array.from({ length: order.atOnce }, open));
  return number;
}

function openOne(number: number, state: Watch, order: WatchOrder, client: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const counter: FrameCounter =
      order.transport === 'websocket' ? new SocketCounter(() => socket.write(PONG)) : new SseCounter();
    let head: string | undefined = '';
    const onBytes = (bytes: number, buffer: Buffer): boolean => {
      let chunk = buffer.subarray(0, bytes);
      if (head !== undefined) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return true;
        if (!/^HTTP\/1\.1 (101|200) /.test(head)) reject(new Error(head));
        chunk = Buffer.from(head.slice(end + 4), 'latin1');
        head = undefined;
        resolve();
      }
      const found = counter.push(chunk);
      if (found > 0) count(number, state, client, found);
      return true;
    };
    const { host, port } = order;
    const socket = connect({
      host,
      port,
      noDelay: true,
      // One address has too few ports for all clients of all rounds.
      localAddress: `127.0.0.${2 + (client % 8)}`,
      onread: { buffer: shared, callback: onBytes },
    });
    socket.on('connect', () => socket.write(requestHead(order, client)));
    socket.on('error', reject).on('close', () => reject(new Error('the server closed the connection')));
    state.sockets.push(socket);
  });
}

/** Without content, masked as a client's frames are. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Node reads one socket after the other, and nothing is kept of what is read. */
const shared = Buffer.allocUnsafe(RECEIVE_BYTES);

function requestHead({ transport, host, port, paths, headers }: WatchOrder, client: number): string {
  const upgrade =
    transport === 'websocket'
      ? `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`
      : 'Accept: text/event-stream\r\n';
  return `GET ${paths[client]!} HTTP/1.1\r\nHost: ${host}:${port}\r\n${upgrade}${headers}\r\n`;
}

function count(number: number, state: Watch, client: number, found: number): void {
  const now = machineMs();
  const from = state.counts[client]!;
  state.counts[client] = from + found;
  let through = 0;
  for (let event = from; event < from + found; event += 1) {
    (state.arrivals[event] ??= []).push(now);
    state.reached[event] = (state.reached[event] ?? 0) + 1;
    if (state.reached[event] === state.counts.length) through = event + 1;
  }
  // Once a chunk: ten thousand messages between processes would take longer than what they tell of.
  if (through > 0) tell({ watch: number, events: through } satisfies Through);
}

function restart(number: number): void {
  const state = watches.get(number)!;
  state.counts.fill(0);
  state.reached = [];
  state.arrivals = [];
}

function latencies({ watch: number, sentAt }: { watch: number; sentAt: readonly number[] }): Histogram {
  const { arrivals } = watches.get(number)!;
  return histogramOf(
    arrivals.slice(0, sentAt.length).flatMap((times, event) => times.map((time) => time - sentAt[event]!)),
  );
}

function received({ watch: number, events }: { watch: number; events: number }): number {
  return watches.get(number)!.counts.filter((count) => count >= events).length;
}

function leave(number: number): void {
  for (const socket of watches.get(number)!.sockets) socket.destroy();
}

serve({ watch, restart, latencies, received, leave } satisfies WatcherMethods);
