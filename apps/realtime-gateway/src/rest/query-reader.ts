import {
  describeFound,
  parseTimestamp,
  TIMESTAMP_EXPECTED,
  type FieldProblem,
  type Timestamp,
} from '@runcast/run-events';
import { Problem } from '@runcast/service-host';

const CREDENTIALS = ['x-api-key', 'api_key'];

/**
 * Reads query parameters and remembers everything that is wrong with them, so that one answer names all of it.
 * Unknown parameters are refused as well: a misspelt filter would otherwise quietly answer another question.
 */
export class QueryReader {
  private readonly errors: FieldProblem[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly query: URLSearchParams) {}

  text(name: string): string | undefined {
    this.known.add(name);
    const text = this.query.get(name) || undefined;
    // Postgres has no text with a NUL in it and would refuse the question, which reads as an outage of ours.
    if (!text?.includes('\u0000')) return text;
    this.refuse(name, 'a text without the NUL character');
    return undefined;
  }

  wholeNumber(name: string, { min, max, otherwise }: { min: number; max: number; otherwise: number }): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    this.refuse(name, `a whole number from ${min} to ${max}`, text);
    return otherwise;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined || allowed.includes(text as T)) return text as T | undefined;
    this.refuse(name, `one of ${allowed.join(', ')}`, text);
    return undefined;
  }

  timestamp(name: string): Timestamp | undefined {
    const text = this.text(name);
    const value = text === undefined ? undefined : parseTimestamp(text);
    if (text !== undefined && value === undefined) this.refuse(name, TIMESTAMP_EXPECTED, text);
    return value;
  }

  flag(name: string): boolean {
    return this.oneOf(name, ['true', 'false']) === 'true';
  }

  refuse(field: string, expected: string, found?: string): void {
    this.errors.push({ field, expected, ...(found !== undefined && { found: describeFound(found) }) });
  }

  /** @throws {Problem} `invalid_request` with everything that was refused. Call after the last parameter is read. */
  finish(): void {
    // Keys in the query are read by the access check.
    for (const name of CREDENTIALS) this.known.add(name);
    for (const name of new Set(this.query.keys())) {
      if (!this.known.has(name))
        this.refuse(name, `no such parameter; there are ${[...this.known].slice(0, -CREDENTIALS.length).join(', ')}`);
    }
    if (this.errors.length === 0) return;
    const [first] = this.errors;
    throw new Problem('invalid_request', {
      detail: `${first!.field}: expected ${first!.expected}.`,
      errors: this.errors,
    });
  }
}
