import { DIALECT_NAMES, ID_EXPECTED, isDialectName, isId, type DialectName } from '@runcast/run-events';
import type { Hints } from '@runcast/dialects';
import type { FastifyRequest } from 'fastify';
import { unreadable } from './problems.ts';

/** The text of the body, without the white space around it. @throws {Problem} when there is none. */
export function bodyOf(request: FastifyRequest): string {
  const text = typeof request.body === 'string' ? request.body.trim() : '';
  if (text !== '') return text;
  throw unreadable('an event', 'nothing');
}

/** @throws {Problem} when the header is there and cannot be an event id. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || isId(key)) return key;
  throw unreadable(ID_EXPECTED, undefined, 'Idempotency-Key');
}

/** @throws {Problem} when the query names no dialect of ours. */
export function dialectOf(request: FastifyRequest): DialectName {
  const { dialect = 'runcast' } = request.query as Query;
  if (isDialectName(dialect)) return dialect;
  throw unreadable(`one of ${DIALECT_NAMES.join(', ')}`, undefined, 'dialect');
}

/** What the query says about events whose format has no place for it. @throws {Problem} for what cannot be an id. */
export function hintsOf(request: FastifyRequest): Hints {
  const query = request.query as Query;
  const hints: Record<string, string> = {};
  for (const name of ['run', 'session', 'agent', 'flow']) {
    const value = query[name];
    if (value === undefined) continue;
    if (!isId(value)) throw unreadable(ID_EXPECTED, undefined, name);
    hints[name] = value;
  }
  return hints;
}

/** As Fastify parses it: a parameter that is given twice is an array. */
type Query = Readonly<Record<string, string | string[] | undefined>>;
