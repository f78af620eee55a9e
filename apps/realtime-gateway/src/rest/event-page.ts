import type { Shard } from '@runcast/event-log';
import { formatPosition, LEVELS, type Level, type RecordedEvent } from '@runcast/run-events';
import type { Page } from '@runcast/read-models';
import { Problem } from '@runcast/service-host';
import { encodeEvent } from '../stream/encoded-event.ts';
import { startingPoint, type ResetReason } from '../stream/starting-point.ts';
import type { QueryReader } from './query-reader.ts';
import { DIALECT_NAMES, type DialectName } from '@runcast/run-events';

export interface EventPageQuery {
  readonly limit: number;
  readonly after: number;
  readonly dialect: DialectName;
  readonly types?: readonly string[];
  readonly levels?: readonly Level[];
}

/** Reads `limit`, `after` (a position), `dialect`, `types` and `level`: the same words as on a stream. */
export function readEventPageQuery(query: QueryReader, shard: Shard): EventPageQuery {
  const limit = query.wholeNumber('limit', { min: 1, max: 1_000, otherwise: 100 });
  const start = startingPoint(query.text('after'), { shard: shard.number, epoch: shard.epoch });
  const dialect = query.oneOf('dialect', DIALECT_NAMES) ?? 'runcast';
  const types = query.text('types')?.split(',');
  const level = query.oneOf('level', LEVELS);
  if (start.reset === 'malformed') query.refuse('after', 'a position, as shown on an event');
  else if (start.reset !== undefined) throw positionGone(start.reset);
  return {
    limit,
    after: start.after,
    dialect,
    ...(types && { types }),
    ...(level && { levels: LEVELS.slice(LEVELS.indexOf(level)) }),
  };
}

/** A list that went on from such a position would leave out events without a word. */
function positionGone(reason: ResetReason): Problem {
  return new Problem('gone', {
    detail: `The position cannot be honoured (${reason}): read the list from its beginning.`,
  });
}

/**
 * The page as JSON text. Events are spliced in as their dialect wrote them: parsing and writing them again would round
 * 20-digit numbers.
 */
export function eventPageText(page: Page<RecordedEvent>, dialect: DialectName): string {
  const events = page.items.flatMap((event) => encodeEvent(event, dialect).frames.map(({ data }) => data));
  const last = page.items.at(-1);
  const next =
    page.next !== undefined && last !== undefined
      ? `,"next_after":${JSON.stringify(formatPosition(last.position))}`
      : '';
  return `{"events":[${events.join(',')}]${next}}`;
}
