import type { Msg } from '@nats-io/transport-node';
import { parseTimestamp } from '@runcast/run-events';
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
  const { headers } = message;
  const sequence = Number(headers?.get('Nats-Sequence') || NaN);
  const previousSequence = Number(headers?.get('Nats-Last-Sequence') || NaN);
  const storedAt = parseTimestamp(headers?.get('Nats-Time-Stamp') ?? '');
  if (!Number.isSafeInteger(sequence) || !Number.isSafeInteger(previousSequence) || storedAt === undefined)
    return undefined;
  return {
    subject: headers!.get('Nats-Subject'),
    sequence,
    previousSequence,
    storedAt,
    data: message.data,
    traceparent: headers!.get(TRACEPARENT) || undefined,
  };
}
