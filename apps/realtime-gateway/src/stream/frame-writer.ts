import { BEFORE_THE_FIRST_FRAME, conform, type Frame } from '@runcast/dialects';
import { DIALECT_NAMES, type DialectName } from '@runcast/run-events';
import type { FeedBatch } from '../feeds/follow.ts';
import type { FeedKey } from '../feeds/topic-hub.ts';
import type { FeedEvent } from '../feeds/topic.ts';
import { encodeBurst, type EncodedBurst } from './encoded-burst.ts';
import { encodeEvent, EncodedEvent } from './encoded-event.ts';

/** Makes the frames of one feed for one client. */
export interface FrameWriter {
  /** Whether it has to see the run from its first event on, also when its client resumes in the middle. */
  readonly fromTheStart: boolean;
  write(event: FeedEvent): EncodedEvent;
  /** The same for several, where the result does not depend on who gets it: everybody is then given the same bytes. */
  writeAll?(batch: FeedBatch): EncodedBurst;
  /**
   * What a feed ends with whose run has been given up. For formats in which that cannot stand in the middle: the run may
   * go on, and who replays it then must not be told that it has failed.
   */
  writeGivenUp?(last: FeedEvent): EncodedEvent;
}

export function writerFor(dialect: DialectName, key: FeedKey): FrameWriter {
  return dialect === 'ag-ui' && key.kind === 'run' ? conformingWriter(key.run) : sharedWriters.get(dialect)!;
}

/** Each event for itself: encoded once for all who watch. */
function sharedWriter(dialect: DialectName): FrameWriter {
  return {
    fromTheStart: false,
    write: (event) => encodeEvent(event, dialect),
    writeAll: (batch) => encodeBurst(batch, dialect),
  };
}

/** They know nothing of who is written to, so one of each is enough for all. */
const sharedWriters = new Map(DIALECT_NAMES.map((dialect) => [dialect, sharedWriter(dialect)]));

const GIVEN_UP = { type: 'RUN_ERROR', message: 'The run fell silent and was given up.', code: 'stale' };

/**
 * AG-UI as its stock client takes it, which fails the whole stream on one event out of place. What may follow depends on all
 * that came before, so a client that resumes is told nothing twice but the writer reads it all again.
 */
function conformingWriter(runId: string): FrameWriter {
  let conversation = BEFORE_THE_FIRST_FRAME;
  const conformed = (event: FeedEvent, given: readonly Frame[]): EncodedEvent => {
    const ids = { threadId: event.session ?? event.known?.session ?? runId, runId };
    const frames = given.flatMap((frame) => {
      const next = conform(conversation, frame, ids);
      conversation = next.after;
      return next.frames;
    });
    return new EncodedEvent(frames, event.position);
  };
  return {
    fromTheStart: true,
    write: (event) => conformed(event, encodeEvent(event, 'ag-ui').frames),
    writeGivenUp: (last) => conformed(last, [{ data: JSON.stringify(GIVEN_UP) }]),
  };
}
