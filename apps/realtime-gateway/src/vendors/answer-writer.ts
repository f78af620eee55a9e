import type { Frame } from '@runcast/dialects';
import type { RecordedEvent } from '@runcast/run-events';
import { EncodedEvent, withNames } from '../stream/encoded-event.ts';
import type { FrameWriter } from '../stream/frame-writer.ts';
import { NOTHING_TOLD, toldAfter, withoutRepeats, type Told } from './told.ts';

/** The frames of one event for a client that has been told so much before. */
export type EncodeAnswer = (event: RecordedEvent, before: Told) => Frame[];

/** Writes what a run answers to who has started it. */
export function answerWriter(encode: EncodeAnswer, toldAlready: Told = NOTHING_TOLD): FrameWriter {
  let told = toldAlready;
  return {
    fromTheStart: true,
    write(event) {
      const before = told;
      told = toldAfter(before, event);
      return new EncodedEvent(encode(withoutRepeats(withNames(event), before), before), event.position);
    },
  };
}
