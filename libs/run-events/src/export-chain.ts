/**
 * An export as lines, each of which begins with the hash of itself and of the line before it: so that a line that was
 * changed, dropped, swapped or put in, and an end that is missing, are found by anybody with a SHA-256 at hand.
 *
 *     {"chain":"<64 hex>","header":{"export":"runcast/1","kind":"run","id":"r1",…}}
 *     {"chain":"<64 hex>","event":{…}}
 *     {"chain":"<64 hex>","trailer":{"events":1}}
 *
 * The hash of a line is SHA-256 over the hash before it (of the first line: nothing) and the line's text from the comma
 * behind its own hash on. The last hash stands for the whole file; the audit log keeps it.
 */
export type Sha256Hex = (text: string) => string;

const START = '{"chain":"';
const HASH = /^[0-9a-f]{64}$/;
const REST_AT = START.length + 64 + 1;

/** Writes lines one after the other. Give it exactly one header, then the events, then one trailer. */
export class ExportChain {
  private readonly sha256: Sha256Hex;
  #last = '';
  #events = 0;

  constructor(sha256: Sha256Hex) {
    this.sha256 = sha256;
  }

  /** The hash that stands for everything written so far. */
  get last(): string {
    return this.#last;
  }

  header(facts: object): string {
    return this.#line(`,"header":${JSON.stringify({ export: 'runcast/1', ...facts })}}`);
  }

  /** `json` is one event as JSON text, on one line. */
  event(json: string): string {
    this.#events += 1;
    return this.#line(`,"event":${json}}`);
  }

  trailer(): string {
    return this.#line(`,"trailer":${JSON.stringify({ events: this.#events })}}`);
  }

  #line(rest: string): string {
    this.#last = this.sha256(this.#last + rest);
    return `${START}${this.#last}"${rest}\n`;
  }
}

export type ExportVerdict =
  | { readonly verdict: 'whole'; readonly events: number; readonly chain: string }
  /** The first line that is not as it was written (from 1), and why. */
  | { readonly verdict: 'broken'; readonly line: number; readonly reason: string };

/** Checks an export line by line, so that a file of any size fits. Lines come without their line feed. */
export class ExportCheck {
  #last = '';
  #line = 0;
  #events = 0;
  #ended = false;
  #broken: Extract<ExportVerdict, { verdict: 'broken' }> | undefined;
  private readonly sha256: Sha256Hex;

  constructor(sha256: Sha256Hex) {
    this.sha256 = sha256;
  }

  take(text: string): void {
    this.#line += 1;
    const fault = this.#faultOf(text);
    if (fault !== undefined) this.#broken ??= { verdict: 'broken', line: this.#line, reason: fault };
  }

  /** `endsWithLineFeed`: whether the file's last line is complete. */
  finish(endsWithLineFeed: boolean): ExportVerdict {
    if (this.#broken) return this.#broken;
    const line = this.#line + 1;
    if (!this.#ended) return { verdict: 'broken', line, reason: 'the export ends before its trailer' };
    if (!endsWithLineFeed) return { verdict: 'broken', line: this.#line, reason: 'the last line is cut off' };
    return { verdict: 'whole', events: this.#events, chain: this.#last };
  }

  #faultOf(text: string): string | undefined {
    if (this.#ended) return 'something stands behind the trailer';
    const hash = text.slice(START.length, START.length + 64);
    const rest = text.slice(REST_AT);
    if (!text.startsWith(START) || !HASH.test(hash) || text[REST_AT - 1] !== '"')
      return 'it does not begin with a hash';
    if (this.sha256(this.#last + rest) !== hash) return 'its hash does not fit it and the line before it';
    this.#last = hash;
    return this.#kindFault(rest);
  }

  #kindFault(rest: string): string | undefined {
    if (this.#line === 1) return rest.startsWith(',"header":') ? undefined : 'the header is missing';
    if (rest.startsWith(',"event":')) {
      this.#events += 1;
      return undefined;
    }
    this.#ended = rest.startsWith(',"trailer":');
    if (!this.#ended) return 'it is neither an event nor the trailer';
    const counted = rest === `,"trailer":${JSON.stringify({ events: this.#events })}}`;
    return counted ? undefined : 'the trailer counts other events than there are';
  }
}
