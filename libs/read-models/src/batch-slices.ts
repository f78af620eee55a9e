import { BatchOutOfOrderError, ForeignEpochError } from './errors.ts';
import { positionOf, weightOf, type LogEntry } from './log-entry.ts';

/** About how much one transaction may carry: a thousand events of a megabyte would not fit into one statement. */
export const MAX_SLICE_BYTES = 16_000_000;

/** The batch in pieces that one transaction can carry, in order; a single heavy entry is a piece of its own. */
export function sliceByWeight(batch: readonly LogEntry[], maxBytes = MAX_SLICE_BYTES): LogEntry[][] {
  const slices: LogEntry[][] = [];
  let weight = Infinity;
  for (const entry of batch) {
    weight += weightOf(entry);
    if (weight > maxBytes) {
      slices.push([]);
      weight = weightOf(entry);
    }
    slices.at(-1)!.push(entry);
  }
  return slices;
}

export interface Standing {
  readonly shard: number;
  readonly epoch: string | undefined;
  readonly sequence: number;
}

/**
 * The last line against a reader's mistake: entries must be of the stream the tables were built from and follow the
 * position in strictly rising order.
 */
export function assertFollows(standing: Standing, batch: readonly LogEntry[]): void {
  let after = standing.sequence;
  const epoch = standing.epoch ?? positionOf(batch[0]!).epoch;
  for (const entry of batch) {
    const position = positionOf(entry);
    if (position.epoch !== epoch || position.shard !== standing.shard) {
      throw new ForeignEpochError(standing.shard, epoch, position.epoch);
    }
    if (position.sequence <= after) throw new BatchOutOfOrderError(standing.shard, after, position.sequence);
    after = position.sequence;
  }
}
