import { parseJson, describeFound, isJsonObject, type FieldProblem, type JsonObject } from '@runcast/run-events';
import { Problem } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** A request's body, and the same as its schema reads it. */
export interface Body<T> {
  readonly value: T;
  /** All of it, also what the schema does not know. */
  readonly all: JsonObject;
}

/** @throws {Problem} `invalid_request` naming every field that is wrong */
export function readBody<S extends z.ZodType>(request: FastifyRequest, schema: S): Body<z.output<S>> {
  const parsed = parseJson(typeof request.body === 'string' ? request.body : '');
  if (!parsed.ok) throw refused([{ field: '', expected: 'a JSON object', found: parsed.detail }]);
  if (!isJsonObject(parsed.value)) {
    throw refused([{ field: '', expected: 'a JSON object', found: describeFound(parsed.value) }]);
  }
  const read = schema.safeParse(parsed.value);
  if (read.success) return { value: read.data, all: parsed.value };
  throw refused(read.error.issues.map(({ path, message }) => ({ field: path.join('.'), expected: message })));
}

function refused(errors: readonly FieldProblem[]): Problem {
  const [{ field, expected }] = errors as [FieldProblem];
  const detail = `${field === '' ? 'The body' : field}: expected ${expected}.`;
  return new Problem('invalid_request', { detail, errors });
}
