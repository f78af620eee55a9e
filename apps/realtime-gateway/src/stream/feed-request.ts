import {
  describeFound,
  ID_EXPECTED,
  isDialectName,
  isId,
  isLevel,
  DIALECT_NAMES,
  LEVELS,
  type DialectName,
  type FieldProblem,
} from '@runcast/run-events';
import { Problem, type Principal } from '@runcast/service-host';
import type { FeedKey } from '../feeds/topic-hub.ts';
import type { EventFilter } from './event-filter.ts';
import type { FeedRequest } from './serve-feed.ts';

/** What a streaming request says beside its path. */
export interface FeedQuery {
  get(name: string): string | null;
}

const MAX_TYPES = 64;

/**
 * Reads `after`, `dialect`, `types`, `level` and `follow`. The header `Last-Event-ID` wins over `after`: a browser keeps
 * the address it first connected to and only updates the header.
 *
 * @throws {Problem} `invalid_request` naming every bad parameter
 */
export function readFeedRequest(
  viewer: Principal,
  key: FeedKey,
  query: FeedQuery,
  lastEventId: string | undefined,
): FeedRequest {
  const errors: FieldProblem[] = [];
  const request: FeedRequest = {
    key,
    viewer,
    dialect: readDialect(query.get('dialect'), errors),
    filter: readFilter(query, errors),
    token: lastEventId || query.get('after') || query.get('last_event_id') || undefined,
    follow: readFlag('follow', query.get('follow'), errors),
  };
  if (key.kind === 'session' && request.dialect === 'ag-ui') {
    errors.push({ field: 'dialect', expected: 'a format that can tell several runs at a time; ag-ui tells one run' });
  }
  if (errors.length > 0) throw new Problem('invalid_request', { detail: 'The query cannot be understood.', errors });
  return request;
}

/** @throws {Problem} `invalid_request` when it is no id: such a run cannot exist */
export function requireId(field: string, value: string | undefined): string {
  if (isId(value)) return value;
  const errors = [{ field, expected: ID_EXPECTED, found: describeFound(value) }];
  throw new Problem('invalid_request', { detail: `The address holds no valid ${field}.`, errors });
}

function readDialect(value: string | null, errors: FieldProblem[]): DialectName {
  if (value === null || value === '') return 'runcast';
  if (isDialectName(value)) return value;
  errors.push({ field: 'dialect', expected: `one of ${DIALECT_NAMES.join(', ')}`, found: describeFound(value) });
  return 'runcast';
}

function readFilter(query: FeedQuery, errors: FieldProblem[]): EventFilter {
  const types =
    query
      .get('types')
      ?.split(',')
      .filter((type) => type !== '') ?? [];
  const level = query.get('level');
  if (types.length > MAX_TYPES)
    errors.push({ field: 'types', expected: `at most ${MAX_TYPES} event types, separated by commas` });
  if (level && !isLevel(level))
    errors.push({ field: 'level', expected: `one of ${LEVELS.join(', ')}`, found: describeFound(level) });
  return { ...(types.length > 0 && { types: new Set(types) }), ...(isLevel(level) && { level }) };
}

function readFlag(field: string, value: string | null, errors: FieldProblem[]): boolean {
  if (value === null || value === 'false') return false;
  if (value !== 'true') errors.push({ field, expected: 'true or false', found: describeFound(value) });
  return value === 'true';
}
