import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { EventLog } from '@runcast/event-log';
import { isSame, RebuildUnderWayError } from '@runcast/read-models';
import { databaseUrlOf } from '../database-url.ts';
import { UserError } from '../errors.ts';
import { logOptionsOf } from '../log-options.ts';
import { progress } from '../progress.ts';
import { describeOutcome, progressLine } from './report.ts';
import { rebuildShard, type RebuildOutcome } from './rebuild-shard.ts';

export interface RebuildRequest {
  /** One shard; all of them, one after the other, when absent. */
  readonly shard: string | undefined;
  readonly compareOnly: boolean;
  readonly acceptLoss: boolean;
}

/** What `--compare` ends with when the tables are not what the log says they should be. */
export const EXIT_DIFFERENT = 3;

const BATCH_ENTRIES = 2_000;
const CLOSE_ENTRIES = 2_000;
const PATIENCE_MS = 5_000;
const REPORT_EVERY_MS = 1_000;

/** `runcast rebuild`: see docs/decisions/0008-rebuild.md. */
export async function rebuild(request: RebuildRequest, host: NodeJS.Process): Promise<number> {
  const databaseUrl = databaseUrlOf(host.env);
  const options = logOptionsOf(host.env, 'rebuild');
  const shards = chosenShards(request.shard, options.shards);
  const clock = () => performance.now();
  const report = progress((text) => host.stdout.write(text), clock);
  const log = await EventLog.connect(options);
  try {
    let exitCode = 0;
    for (const shard of shards) {
      const outcome = await rebuildShard({
        ...request,
        shard,
        databaseUrl,
        log,
        holder: `rebuild-${randomUUID().slice(0, 8)}`,
        batchEntries: BATCH_ENTRIES,
        closeEntries: CLOSE_ENTRIES,
        patienceMs: PATIENCE_MS,
        pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
        onProgress: progressLine({ shard, report, clock, everyMs: REPORT_EVERY_MS }),
      }).catch(explain);
      for (const line of describeOutcome(outcome)) report(`shard ${shard}: ${line}`);
      exitCode = Math.max(exitCode, exitCodeOf(outcome));
    }
    return exitCode;
  } finally {
    await log.close();
  }
}

function chosenShards(shard: string | undefined, shards: number): number[] {
  if (shard === undefined) return Array.from({ length: shards }, (_, number) => number);
  if (/^\d{1,4}$/.test(shard) && Number(shard) < shards) return [Number(shard)];
  throw new UserError(`--shard: expected a whole number from 0 to ${shards - 1}`);
}

function explain(error: unknown): never {
  if (error instanceof RebuildUnderWayError) throw new UserError(error.message);
  throw error;
}

/** 1: nothing was swapped. */
function exitCodeOf(outcome: RebuildOutcome): number {
  switch (outcome.outcome) {
    case 'swapped':
      return 0;
    case 'compared':
      return outcome.differences.every(isSame) ? 0 : EXIT_DIFFERENT;
    case 'fenced-out':
    case 'would-lose-events':
      return 1;
  }
}
