import { useCallback, useEffect, useRef, useState } from 'react';
import type { WatchedEvent } from '@runcast/client';
import { useAccess } from '../access/access.tsx';
import { countRecovery, type Recovery } from '../live/recovery.ts';

const CUT_MS = 4_000;
const ASK_AGAIN_MS = 250;
const GIVE_UP_MS = 20_000;

/**
 * Cuts the page off, waits until it is back, asks the list of events what was stored meanwhile, and counts what of it the
 * feed has delivered. `held` gives the positions that the feed has delivered so far, each as often as it came.
 */
export function useRecovery(run: string, held: () => readonly string[]) {
  const { api, connection } = useAccess();
  const [recovery, setRecovery] = useState<Recovery>();
  const [isCut, setCut] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    stop.current = controller;
    return () => controller.abort();
  }, [run]);

  const drop = useCallback(async () => {
    const { signal } = stop.current;
    const before = [...held()];
    setCut(true);
    setRecovery(undefined);
    connection.cut(CUT_MS);
    await pause(CUT_MS);
    const stored = await storedBehind(before.at(-1), signal);
    // The feed comes back by itself; what was stored while it was away is what it owes us.
    const deadline = performance.now() + GIVE_UP_MS;
    const owes = (): boolean => stored.some((position) => !held().includes(position));
    while (owes() && performance.now() < deadline && !signal.aborted) await pause(ASK_AGAIN_MS);
    if (signal.aborted) return;
    setRecovery(countRecovery(before, held().slice(before.length), stored));
    setCut(false);
  }, [held, connection]);

  async function storedBehind(position: string | undefined, signal: AbortSignal): Promise<string[]> {
    const positions: string[] = [];
    for (let after = position; ;) {
      const query = new URLSearchParams({ limit: '1000', ...(after !== undefined && { after }) });
      const path = `/v1/runs/${encodeURIComponent(run)}/events?${query}`;
      const page = await api.json<{ events: WatchedEvent[]; next_after?: string }>(path, { signal });
      positions.push(...page.events.map((event) => event.position));
      if (page.next_after === undefined) return positions;
      after = page.next_after;
    }
  }

  return { drop, isCut, recovery };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
