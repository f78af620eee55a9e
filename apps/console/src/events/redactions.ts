export interface Redaction {
  /** Where the value stands, e.g. `headers.authorization`. */
  readonly path: string;
  /** Which rule found it. */
  readonly rule: string;
}

const MARK = /\[redacted:([\w-]+)\]/;

/** The places of a value at which something was taken out before it was stored. */
export function redactionsIn(value: unknown, path = ''): Redaction[] {
  if (typeof value === 'string') {
    const rule = MARK.exec(value)?.[1];
    return rule === undefined ? [] : [{ path, rule }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => redactionsIn(inner, path === '' ? name : `${path}.${name}`));
}
