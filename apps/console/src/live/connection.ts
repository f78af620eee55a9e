import type { FeedConnection } from '@runcast/client';

/** A feed's way to the gateway that can be cut on purpose. */
export interface BreakableConnection extends FeedConnection {
  /** Cuts what is open and keeps it cut for so long. The feed comes back by itself, as after any other fault. */
  readonly cut: (forMs: number) => void;
}

/**
 * Cuts the real thing: the response is aborted in the middle of its body, and requests fail, until the time is over.
 * What the feed does then is what it does when a cable is pulled.
 */
export function breakableConnection(key: string, now: () => number = () => performance.now()): BreakableConnection {
  const open = new Set<AbortController>();
  let cutUntil = 0;
  return {
    url: location.origin,
    apiKey: key,
    cut: (forMs) => {
      cutUntil = now() + forMs;
      for (const controller of open) controller.abort(new Error('the connection was cut by hand'));
      open.clear();
    },
    fetch: async (input, init) => {
      if (now() < cutUntil) throw new TypeError('the connection is cut');
      const controller = new AbortController();
      open.add(controller);
      const signal = init?.signal ? AbortSignal.any([init.signal, controller.signal]) : controller.signal;
      return fetch(input, { ...init, signal });
    },
  };
}
