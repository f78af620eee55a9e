import type { JsonValue } from '@runcast/run-events';

/** A value for a field that holds text: a string as it is, anything else as JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** At most `limit` characters of it. Counts code points, so that no emoji is cut into a lone surrogate. */
export function preview(value: JsonValue, limit: number): string {
  const text = textOf(value);
  if (text.length <= limit) return text;
  return Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join('');
}
