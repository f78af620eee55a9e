import { describeFound, isJsonObject, parseJson, type FieldProblem } from '@runcast/run-events';
import type * as z from 'zod';
import type { WireText } from './dialect.ts';
import { quickVerdict } from './quick-verdict.ts';

export type Read<T> = { ok: true; value: T } | { ok: false; problems: FieldProblem[] };

/**
 * The wire text as an object that fits the schema, or every field that does not.
 *
 * The schema only judges: the value is the parsed text itself, so that unknown members, their order and keys like
 * `__proto__` are what was sent.
 */
export function readWire<S extends z.ZodType>(wire: WireText, schema: S): Read<z.input<S>> {
  const parsed = parseJson(wire);
  if (!parsed.ok) return { ok: false, problems: [{ field: '', expected: 'a JSON object', found: parsed.detail }] };
  if (isJsonObject(parsed.value)) return check(parsed.value, schema);
  return { ok: false, problems: [{ field: '', expected: 'a JSON object', found: describeFound(parsed.value) }] };
}

/** Whether a value that is already parsed fits the schema. `under` is the path of the value in its event. */
export function check<S extends z.ZodType>(value: unknown, schema: S, under: PropertyKey[] = []): Read<z.input<S>> {
  if (quickVerdict(schema)(value)) return { ok: true, value: value as z.input<S> };
  const judged = schema.safeParse(value);
  if (judged.success) return { ok: true, value: value as z.input<S> };
  const problems = judged.error.issues.map((issue) => ({
    field: [...under, ...issue.path].map(String).join('.'),
    expected: issue.message,
    found: describeFound(at(value, issue.path)),
  }));
  return { ok: false, problems };
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
