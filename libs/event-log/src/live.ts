import type { Msg } from '@nats-io/transport-node';
import { parseTimestamp } from '@runcast/run-events';
import { headersOf } from './message-head.ts';
import { TRACEPARENT } from './publisher.ts';

/** A message as the stream republishes it. May be lost on the way: core NATS keeps nothing. */
export interface LiveMessage {
  readonly subject: string;
  readonly sequence: number;
  /** The sequence before it on the same subject, 0 for the first: what makes a lost message visible. */
  readonly previousSequence: number;
  readonly storedAt: string;
  readonly data: Uint8Array;
  readonly traceparent: string | undefined;
}

/** Reads a republished message; `undefined` when it lacks the stream's headers, so that no one can forge one by mistake. */
export function readLiveMessage(message: Msg): LiveMessage | undefined {
  const header = headersOf(message);
  if (header === undefined) return undefined;
  const sequence = Number(header('Nats-Sequence') || NaN);
  const previousSequence = Number(header('Nats-Last-Sequence') || NaN);
  const storedAt = parseTimestamp(header('Nats-Time-Stamp'));
  if (!Number.isSafeInteger(sequence) || !Number.isSafeInteger(previousSequence) || storedAt === undefined)
    return undefined;
  return {
    subject: header('Nats-Subject'),
    sequence,
    previousSequence,
    storedAt,
    data: message.data,
    traceparent: header(TRACEPARENT) || undefined,
  };
}
