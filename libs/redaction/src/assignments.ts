import { isMarker, marker } from './marker.ts';
import { looksSecret } from './secret-names.ts';

// A secret's name with what makes it an assignment: `password=`, `"api_key": `, `Authorization: `, `cookie => `, also inside
// JSON that was quoted several times (`\\\"secret\\\":`). Every repetition is bounded and followed by something it cannot match.
const ASSIGNMENT =
  /(password|passwd|passphrase|pwd|secret(?:[_-]?key)?|(?:api|private|access|account)[_-]?key|(?:access|refresh|id|auth|api|bearer|session|security)[_-]?token|authorization|cookie|credentials?|connection[_-]?string|(?<![a-z])token)\\{0,15}["'`]?[ \t]{0,8}(?:=>|[:=]|%3D)[ \t]{0,8}/gi;

const OPENING_QUOTE = /\\{0,15}["'`]/y;
const BARE_END = /[\s,;&"'`<>(){}[\]\\|]/g;
const LINE_END = /[\r\n"'`\\]/g;
/** Says that there is no secret. */
const EMPTY = /^(?:null|none|nil|undefined|true|false|\*+|\.{3})$/i;

/** The text without the values that it assigns to a secret's name: headers, query parts, settings, quoted JSON. */
export function redactAssignments(text: string): string {
  let result = '';
  let copied = 0;
  ASSIGNMENT.lastIndex = 0;
  for (let found = ASSIGNMENT.exec(text); found !== null; found = ASSIGNMENT.exec(text)) {
    const name = found[1]!.toLowerCase();
    const { start, end } = valueAt(text, ASSIGNMENT.lastIndex, name);
    ASSIGNMENT.lastIndex = Math.max(end, ASSIGNMENT.lastIndex);
    if (!isSecretValue(name, text.slice(start, end))) continue;
    result += text.slice(copied, start) + marker('assignment');
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function isSecretValue(name: string, value: string): boolean {
  if (value === '' || EMPTY.test(value) || isMarker(value) || value.startsWith('[redacted:')) return false;
  return name !== 'token' || looksSecret(value);
}

function valueAt(text: string, from: number, name: string): { start: number; end: number } {
  if (text.startsWith('[redacted:', from)) return { start: from, end: from };
  OPENING_QUOTE.lastIndex = from;
  const quote = OPENING_QUOTE.exec(text)?.[0];
  if (quote !== undefined) return { start: from + quote.length, end: closingQuote(text, from + quote.length, quote) };
  // A header's value has spaces: its scheme, or one cookie after the other.
  const stop = name === 'authorization' || name === 'cookie' ? LINE_END : BARE_END;
  stop.lastIndex = from;
  return { start: from, end: stop.exec(text)?.index ?? text.length };
}

/** Where the quoted value ends: at the same quote, escaped as often as the opening one. A value that was cut off ends with the text. */
function closingQuote(text: string, from: number, quote: string): number {
  let end = text.indexOf(quote, from);
  while (end > from && text[end - 1] === '\\') end = text.indexOf(quote, end + quote.length);
  return end === -1 ? text.length : end;
}
