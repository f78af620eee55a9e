import type { JsonValue } from '@runcast/run-events';

/**
 * The value without what a store would refuse or change: NUL and lone surrogates become U+FFFD, a number beyond a
 * double (1e400 parses to Infinity) becomes null. The raw text keeps what was really sent.
 *
 * Postgres refuses the first two in jsonb, and a single such event would stop a whole batch.
 */
export function cleanJson(value: JsonValue): JsonValue {
  return isClean(value) ? value : cleaned(value);
}

/** As nearly all data is: then it is not built anew. */
function isClean(value: JsonValue): boolean {
  if (typeof value === 'string') return isCleanText(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isClean);
  for (const key of Object.keys(value)) if (!isCleanText(key) || !isClean(value[key]!)) return false;
  return true;
}

function cleaned(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleaned);
  // fromEntries defines members; assigning `__proto__` would set the prototype instead.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [cleanText(key), cleaned(member)]));
}

function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}
