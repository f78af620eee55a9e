import { endOfNumber, endOfString, escaped, unescaped } from './json-strings.ts';
import { isMarker } from './marker.ts';
import { MAX_PATHS, type Redacted, type Redactor } from './redactor.ts';
import type { NameVerdict } from './secret-names.ts';

/** How deep JSON within strings within JSON is read as such; what is deeper is redacted as text. */
const MAX_NESTED = 4;
const MAX_PATH_CHARS = 256;

/** An object or array that is open. */
interface Container {
  readonly isObject: boolean;
  /** Whether everything in it is secret, for its name's sake. */
  readonly inherited: NameVerdict;
  name: string;
  index: number;
  /** Of the member that is being read. */
  verdict: NameVerdict;
  expectsName: boolean;
}

/** One pass over one JSON text: reads it token by token and copies all that is no secret as it is. */
export class JsonRedaction {
  private readonly open: Container[] = [];
  private readonly paths = new Set<string>();
  private result = '';
  private copied = 0;

  private readonly text: string;
  private readonly redactor: Redactor;
  private readonly nested: number;

  constructor(text: string, redactor: Redactor, nested = 0) {
    this.text = text;
    this.redactor = redactor;
    this.nested = nested;
  }

  run(): Redacted {
    const { text } = this;
    for (let index = 0; index < text.length;) {
      const char = text.charCodeAt(index);
      if (char === QUOTE) index = this.takeString(index);
      else if (char === OPEN_BRACE || char === OPEN_BRACKET) index = this.takeOpening(index, char === OPEN_BRACE);
      else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) index = this.takeClosing(index);
      else if (char === COMMA) index = this.takeComma(index);
      else if (char === MINUS || (char >= DIGIT_0 && char <= DIGIT_9)) index = this.takeNumber(index);
      else index += 1;
    }
    if (this.copied === 0) return { text, paths: [] };
    return { text: this.result + text.slice(this.copied), paths: [...this.paths] };
  }

  private takeString(start: number): number {
    const end = endOfString(this.text, start);
    const inside = this.text.slice(start + 1, Math.max(start + 1, end - 1));
    const container = this.open.at(-1);
    if (container?.isObject && container.expectsName) this.takeName(container, start, end, inside);
    else this.takeValue(container, start, end, inside);
    return end;
  }

  /** A name can be a secret itself: a map from keys to their owners. */
  private takeName(container: Container, start: number, end: number, inside: string): void {
    const name = unescaped(inside);
    const redacted = this.redactor.text(name);
    container.expectsName = false;
    container.name = redacted;
    container.verdict = container.inherited === 'secret' ? 'secret' : this.redactor.judgeName(name);
    if (redacted !== name) this.replace(start, end, redacted);
  }

  private takeValue(container: Container | undefined, start: number, end: number, inside: string): void {
    const verdict = container?.verdict ?? 'harmless';
    if (verdict === 'harmless' && !this.redactor.mayHoldSecret(inside)) return;
    const value = unescaped(inside);
    if (isMarker(value)) return;
    const redacted = this.redactor.valueOf(value, verdict) ?? this.inside(value);
    if (redacted !== value) this.replace(start, end, redacted);
  }

  private inside(value: string): string {
    if (this.nested >= MAX_NESTED || !isJsonDocument(value)) return this.redactor.text(value);
    return new JsonRedaction(value, this.redactor, this.nested + 1).run().text;
  }

  private takeNumber(start: number): number {
    const end = endOfNumber(this.text, start);
    const container = this.open.at(-1);
    const redacted = this.redactor.number(this.text.slice(start, end), container?.verdict ?? 'harmless');
    if (redacted !== undefined) this.replace(start, end, redacted);
    return end;
  }

  private takeOpening(index: number, isObject: boolean): number {
    const inherited = this.open.at(-1)?.verdict ?? 'harmless';
    this.open.push({ isObject, inherited, name: '', index: 0, verdict: inherited, expectsName: isObject });
    return index + 1;
  }

  private takeClosing(index: number): number {
    this.open.pop();
    return index + 1;
  }

  private takeComma(index: number): number {
    const container = this.open.at(-1);
    if (container) {
      container.index += 1;
      container.expectsName = container.isObject;
      container.verdict = container.inherited;
    }
    return index + 1;
  }

  private replace(start: number, end: number, value: string): void {
    this.result += `${this.text.slice(this.copied, start)}"${escaped(value)}"`;
    this.copied = end;
    if (this.paths.size < MAX_PATHS) this.paths.add(this.path());
  }

  private path(): string {
    const parts = this.open.map(({ isObject, name, index }) => (isObject ? name : String(index)));
    return parts.join('.').slice(0, MAX_PATH_CHARS);
  }
}

function isJsonDocument(value: string): boolean {
  const first = value.trimStart()[0];
  if (first !== '{' && first !== '[') return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
