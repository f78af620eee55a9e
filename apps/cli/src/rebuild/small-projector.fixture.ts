import type { EventLog } from '@runcast/event-log';
import { claimProjection, type Database } from '@runcast/read-models';
import { waitFor } from '@runcast/test-harness';

export interface SmallProjector {
  stop(): Promise<void>;
}

/** The live projector as far as a rebuild meets it: claims, follows, is fenced out, and claims again. */
export function startProjector(log: EventLog, database: Database, shard = 0): SmallProjector {
  const stopping = new AbortController();
  const life = (async () => {
    while (!stopping.signal.aborted) {
      const { claimed } = await waitFor(
        async () => {
          if (stopping.signal.aborted) return { claimed: undefined };
          const claim = await claimProjection(database, { shard, holder: `live-${shard}`, leaseMs: 60_000 });
          return claim.outcome === 'claimed' ? { claimed: claim.projection } : undefined;
        },
        { describe: 'the shard to be free' },
      );
      if (!claimed) return;
      const turn = new AbortController();
      const signal = AbortSignal.any([stopping.signal, turn.signal]);
      for await (const batch of log.tail(shard, { after: claimed.claim.sequence, maxEntries: 100, signal })) {
        if (!signal.aborted && (await claimed.commit(batch)) === 'fenced-out') turn.abort();
      }
      await claimed.release();
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await life;
    },
  };
}
