import { setTimeout as sleep } from 'node:timers/promises';

/** Tells one client to come back elsewhere; `retryMs` is how long it should wait first. */
export type Leave = (retryMs: number) => void;

/** Every live connection of this process, so that a shutdown can send them away. */
export class OpenStreams {
  private readonly leaving = new Map<Leave, () => void>();

  /** Registers a connection; call the result when it has ended. */
  add(leave: Leave): () => void {
    const remove = (): void => void this.leaving.delete(leave);
    this.leaving.set(leave, remove);
    return remove;
  }

  get size(): number {
    return this.leaving.size;
  }

  /**
   * Sends everybody away in random order, spread over `overMs`: ten thousand clients that reconnect in the same moment
   * would take down whoever they reconnect to.
   */
  async drain(overMs: number, random: () => number): Promise<void> {
    const order = [...this.leaving.keys()]
      .map((leave) => ({ leave, at: random() * overMs }))
      .sort((a, b) => a.at - b.at);
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
