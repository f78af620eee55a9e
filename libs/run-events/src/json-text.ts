/**
 * JSON as text: what a payload said, to the digit.
 *
 * JSON.parse rounds 20-digit integers, turns 1e400 into Infinity and collapses repeated keys. Where Runcast passes
 * on what somebody sent, it passes on a slice of the text instead. The slicers below require text that JSON.parse
 * has accepted.
 */

/** How deeply arrays and objects may nest. JSON.stringify and Postgres both overflow on deep documents. */
export const MAX_JSON_DEPTH = 64;

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

export type ParsedJson =
  { ok: true; value: JsonValue } | { ok: false; reason: 'malformed' | 'too-deep'; detail: string };

/** Parses JSON whose nesting is bounded. Never throws. */
export function parseJson(text: string): ParsedJson {
  // Depth first: the scan is linear and cannot overflow, whatever the text is.
  if (exceedsDepth(text, MAX_JSON_DEPTH)) {
    return { ok: false, reason: 'too-deep', detail: `nested deeper than ${MAX_JSON_DEPTH} levels` };
  }
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { ok: false, reason: 'malformed', detail: `not valid JSON${whereOf(error)}` };
  }
}

/** The engine's own sentence quotes what it stumbled over, which may be a secret. */
function whereOf(error: unknown): string {
  const at = /at position (\d+)/.exec((error as Error).message);
  return at === null ? '' : ` at position ${at[1]}`;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of each element of a JSON array. */
export function elementTexts(arrayText: string): string[] {
  const texts: string[] = [];
  forEachMember(arrayText, (start, end) => texts.push(arrayText.slice(start, end).trim()));
  return texts;
}

/** The text of one member's value in a JSON object; the last one where a key is repeated, as JSON.parse does. */
export function memberText(objectText: string, key: string): string | undefined {
  let found: string | undefined;
  forEachMember(objectText, (start, end) => {
    const colon = endOfString(objectText, objectText.indexOf('"', start));
    const name = JSON.parse(objectText.slice(start, colon).trim()) as string;
    if (name === key) found = objectText.slice(objectText.indexOf(':', colon) + 1, end).trim();
  });
  return found;
}

/** The same JSON on one line. A raw line break can only be white space between tokens, so values stay as they are. */
export function oneLine(jsonText: string): string {
  return /[\r\n]/.test(jsonText) ? jsonText.replace(/[\r\n]+/g, ' ') : jsonText;
}

function exceedsDepth(text: string, limit: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (char === QUOTE) index = endOfString(text, index) - 1;
    else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      depth += 1;
      if (depth > limit) return true;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth -= 1;
  }
  return false;
}

/** Calls `visit` with the bounds of every top-level element or `"key": value` pair. */
function forEachMember(text: string, visit: (start: number, end: number) => void): void {
  const last = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'));
  let depth = 0;
  let start = -1;
  for (let index = 0; index <= last; index += 1) {
    const char = text.charCodeAt(index);
    if (char === QUOTE) index = endOfString(text, index) - 1;
    else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      depth += 1;
      if (depth === 1) start = index + 1;
    } else if (depth === 1 && (char === COMMA || index === last)) {
      if (text.slice(start, index).trim() !== '') visit(start, index);
      start = index + 1;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth -= 1;
  }
}

/** The index after the closing quote of the string that opens at `open`; the text's end when it never closes. */
function endOfString(text: string, open: number): number {
  let index = open + 1;
  for (;;) {
    const quote = text.indexOf('"', index);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    index = quote + 1;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
