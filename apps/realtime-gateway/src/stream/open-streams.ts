import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamTransport } from './feed-metrics.ts';

/** Tells one client to come back elsewhere; `retryMs` is how long it should wait first. */
export type Leave = (retryMs: number) => void;

/** Every live connection of this process, so that a shutdown can send them away. */
export class OpenStreams {
  private readonly open = new Map<Leave, StreamTransport>();
  private draining = false;

  /** Registers a connection; call the result when it has ended. One that comes during the drain is sent away at once. */
  add(transport: StreamTransport, leave: Leave): () => void {
    this.open.set(leave, transport);
    if (this.draining) queueMicrotask(() => leave(0));
    return () => this.open.delete(leave);
  }

  get size(): number {
    return this.open.size;
  }

  count(transport: StreamTransport): number {
    let count = 0;
    for (const of of this.open.values()) if (of === transport) count += 1;
    return count;
  }

  /**
   * Sends everybody away in random order, spread over `overMs`: ten thousand clients that reconnect in the same moment
   * would take down whoever they reconnect to.
   */
  async drain(overMs: number, random: () => number): Promise<void> {
    const order = [...this.open.keys()].map((leave) => ({ leave, at: random() * overMs })).sort((a, b) => a.at - b.at);
    this.draining = true;
    let elapsed = 0;
    for (const { leave, at } of order) {
      if (at - elapsed > SLICE_MS) {
        await sleep(at - elapsed);
        elapsed = at;
      }
      leave(Math.round(500 + random() * overMs));
    }
  }
}

/** Clients within this much time leave together; a timer for each would be slower than the drain. */
const SLICE_MS = 20;
