import type { Logger } from '@runcast/service-host';
import { dropExpired, type Dropping } from './drop-expired.ts';
import { eraseRequested, type Erasing } from './erase.ts';

export interface Tidying extends Omit<Erasing, 'log'>, Dropping {
  readonly tidyEveryMs: number;
  readonly logger: Logger;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Erases what was asked to be erased, and drops what has been kept long enough, until the signal aborts. What fails is
 * tried again next time: it never disturbs the projecting.
 */
export async function keepTidy(job: Tidying, signal: AbortSignal): Promise<void> {
  const { shard, logger } = job;
  for (;;) {
    await job.pause(job.tidyEveryMs, signal);
    if (signal.aborted) return;
    try {
      const erasures = await eraseRequested(job);
      if (erasures > 0) logger.info({ shard, erasures }, 'erased what was asked for');
    } catch (error) {
      logger.warn({ err: error, shard }, 'erasing failed');
    }
    try {
      const { runs, kept, partitions } = await dropExpired(job);
      if (runs + kept + partitions.length > 0) {
        logger.info({ shard, runs, kept, partitions }, 'dropped what was kept long enough');
      }
    } catch (error) {
      logger.warn({ err: error, shard }, 'dropping what was kept long enough failed');
    }
  }
}
