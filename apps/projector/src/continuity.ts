import { anchorOf, positionOf, type Claim, type LogEntry } from '@runcast/read-models';

/** The tables cannot go on from this stream. Writing anyway would mix two histories or skip a part of one. */
export class BrokenContinuityError extends Error {
  readonly code = 'broken-continuity';

  constructor(
    readonly shard: number,
    readonly reason: string,
  ) {
    super(
      `Shard ${shard}: the tables cannot go on from this stream: ${reason}. Restore the stream, or rebuild the tables.`,
    );
    this.name = 'BrokenContinuityError';
  }
}

export interface StreamIdentity {
  readonly epoch: string;
  /** The oldest record that is still stored; last + 1 when there is none. */
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** @throws {BrokenContinuityError} when the stream is not the one the tables were built from, or lacks what follows. */
export function assertSameStream(claim: Claim, stream: StreamIdentity): void {
  const { shard, epoch, sequence } = claim;
  if (epoch === undefined) return; // The tables are empty: any stream will do.
  if (stream.epoch !== epoch) {
    throw new BrokenContinuityError(shard, `its epoch is ${stream.epoch}, the tables were built from ${epoch}`);
  }
  if (stream.lastSequence < sequence) {
    const range = `it ends at ${stream.lastSequence}, the tables contain ${sequence}`;
    throw new BrokenContinuityError(shard, `${range} (was it restored from a backup?)`);
  }
  if (stream.firstSequence > sequence + 1) {
    const range = `it begins at ${stream.firstSequence}, the tables end at ${sequence}`;
    throw new BrokenContinuityError(shard, `${range}; what stood between is gone`);
  }
}

/**
 * What is new in the first batch of a tail that began one record early, at the claim's anchor.
 *
 * A record that is no longer there (erased on request) proves nothing; another one in its place does: the stream was
 * restored from a backup and has grown since, under the same epoch.
 *
 * @throws {BrokenContinuityError} when the record at the claim's position is not the one that was folded.
 */
export function withoutAnchor(claim: Claim, batch: readonly LogEntry[]): readonly LogEntry[] {
  const first = batch[0];
  if (!first || positionOf(first).sequence > claim.sequence) return batch;
  if (anchorOf(first) !== claim.anchor) {
    throw new BrokenContinuityError(claim.shard, `the record at ${claim.sequence} is not the one the tables contain`);
  }
  return batch.slice(1);
}
