/**
 * Where an event stands in the log, and the one cursor of every transport (SSE id, WebSocket frame, REST page).
 *
 * - `shard`: which stream of the log.
 * - `epoch`: the identity of that stream. A stream that was deleted and created anew, or restored from a backup,
 *   has another epoch, so that an old position is refused instead of silently skipping events.
 * - `sequence`: the stream sequence, from 1. 0 stands before the first event.
 */
export interface Position {
  readonly shard: number;
  readonly epoch: string;
  readonly sequence: number;
}

const TOKEN = /^(\d{1,4})\.([A-Za-z0-9]{1,32})\.(\d{1,16})$/;

/** The token that clients see. Opaque to them; safe in a URL, a header and an SSE `id:` line as it is. */
export function formatPosition(position: Position): string {
  return `${position.shard}.${position.epoch}.${position.sequence}`;
}

/** Reads a token back. `undefined` when the text was never made by {@link formatPosition}. */
export function parsePosition(token: string): Position | undefined {
  const match = TOKEN.exec(token);
  if (!match) return undefined;
  const sequence = Number(match[3]);
  if (!Number.isSafeInteger(sequence)) return undefined;
  return { shard: Number(match[1]), epoch: match[2]!, sequence };
}
