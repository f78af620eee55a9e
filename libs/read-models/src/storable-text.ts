import type { JsonValue } from '@runcast/run-events';

/**
 * What Postgres can hold of a text. NUL ends the world for `text` (22021) and jsonb (22P05), a lone surrogate for
 * jsonb (22P02); both become U+FFFD. The raw text of an event keeps what was really said.
 */
export function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\u0000') ? wellFormed.replaceAll('\u0000', '\ufffd') : wellFormed;
}

/** The JSON text of a value, for a jsonb column. */
export function storableJson(value: JsonValue | object): string {
  const text = JSON.stringify(value);
  // JSON.stringify spells both offenders as \u escapes, so most documents are done after one native search.
  return text.includes('\\u') ? text.replace(ESCAPE, (escape) => (UNSTORABLE.test(escape) ? '\\ufffd' : escape)) : text;
}

// Takes escapes in pairs from the left: in `\\u0000` the backslash is escaped and what follows is honest text.
const ESCAPE = /\\(?:u[0-9a-f]{4}|[^])/g;
const UNSTORABLE = /^\\u(?:0000|d[89a-f][0-9a-f]{2})$/;
