import type { JsonValue } from '@runcast/run-events';

/**
 * The value without what a store would refuse or change: NUL and lone surrogates become U+FFFD, a number beyond a
 * double (1e400 parses to Infinity) becomes null. The raw text keeps what was really sent.
 *
 * Postgres refuses the first two in jsonb, and a single such event would stop a whole batch.
 */
export function cleanJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleanJson);
  // fromEntries defines members; assigning `__proto__` would set the prototype instead.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [cleanText(key), cleanJson(member)]));
}

function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}
