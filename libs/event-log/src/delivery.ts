import type { JsMsg } from '@nats-io/jetstream';

/** What the server says about a message that it delivers through a consumer. */
export interface Delivery {
  /** Its sequence in the stream. */
  readonly sequence: number;
  /** The consumer's own count of what it sends, from 1. */
  readonly count: number;
  /** When it was stored, in nanoseconds since 1970, as digits. */
  readonly storedAtNanos: string;
}

/**
 * Reads the reply subject of a delivered message (ADR-15):
 * `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<attempts>.<sequence>.<count>.<nanoseconds>.<pending>[.<random>]`.
 * nats.js takes it apart for what it is asked first, and again for the time, and makes numbers and BigInts of all of it.
 * @throws {Error} when it is no such subject
 */
export function deliveryOf(message: JsMsg): Delivery {
  const tokens = replyOf(message).split('.');
  const attempts = tokens.length === SHORT_FORM ? 4 : 6;
  const storedAtNanos = tokens[attempts + 3];
  if (tokens[1] !== 'ACK' || storedAtNanos === undefined)
    throw new Error('the message was not delivered by a consumer');
  return { sequence: Number(tokens[attempts + 1]), count: Number(tokens[attempts + 2]), storedAtNanos };
}

/** So many tokens where the server names neither domain nor account. */
const SHORT_FORM = 9;

/** The client's own class has it, its interface leaves it out. */
function replyOf(message: JsMsg): string {
  return (message as JsMsg & { readonly reply?: string }).reply ?? '';
}
