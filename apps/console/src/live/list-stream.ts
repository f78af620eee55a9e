import { openFeed } from '@runcast/client';
import type { RunBody } from '../api/types.ts';
import type { BreakableConnection } from './connection.ts';

export interface ListListener {
  readonly onRuns: (runs: readonly RunBody[]) => void;
  /** Lists are better read anew: much has changed, or something may have been missed. */
  readonly onMany: () => void;
  readonly onState: (state: LinkState) => void;
}

/** Whether the page hears of what happens. */
export type LinkState = 'connecting' | 'live' | 'away';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/** Listens to the changes of runs until told to stop, and comes back after whatever cuts it off. */
export async function followChanges(
  connection: BreakableConnection,
  { onRuns, onMany, onState }: ListListener,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    // What a later attempt will not mend, a key that is good no longer, the queries of the page hear as well.
    const feed = await openFeed(connection, '/v1/run-changes', undefined, signal).catch(() => undefined);
    if (feed?.kind === 'open') {
      onState('live');
      // What changed before this moment nobody has told us.
      onMany();
      retryMs = FIRST_RETRY_MS;
      for await (const { event, data } of feed.frames) {
        if (event === 'runs') onRuns((JSON.parse(data) as { runs: RunBody[] }).runs);
        else if (event === 'many') onMany();
      }
    }
    if (signal.aborted) return;
    onState('away');
    await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random() / 2)));
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  }
}
