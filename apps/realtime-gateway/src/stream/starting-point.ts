import { parsePosition } from '@runcast/run-events';

/** Why a position cannot be honoured. The feed then begins anew, and the client is told to forget what it has. */
export type ResetReason = 'malformed' | 'other-shard' | 'other-epoch' | 'ahead-of-log';

export type StartingPoint =
  { readonly after: number; readonly reset?: undefined } | { readonly after: 0; readonly reset: ResetReason };

/**
 * Where a feed begins for a client that holds `token`. Only a position of this very stream can be resumed from: under
 * another epoch the same number names another event, and skipping silently is what a position must never do.
 */
export function startingPoint(token: string | undefined, stream: { shard: number; epoch: string }): StartingPoint {
  if (token === undefined || token === '') return { after: 0 };
  const position = parsePosition(token);
  if (position === undefined) return { after: 0, reset: 'malformed' };
  if (position.shard !== stream.shard) return { after: 0, reset: 'other-shard' };
  if (position.epoch !== stream.epoch) return { after: 0, reset: 'other-epoch' };
  return { after: position.sequence };
}
