/** One thing that is wrong with a request or an event, said so that its sender can mend it. */
export interface FieldProblem {
  /** The path of the field from the top of the event, e.g. `payload.total_tokens`; empty for the whole body. */
  readonly field: string;
  /** What would have been right, e.g. `a whole number of at least 0`. */
  readonly expected: string;
  /** What was found, shortened; left out where it would only repeat user text. */
  readonly found?: string;
}

/** A short description of a value for an error message: its kind and size. Never its text, which may be a secret. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return `a string of ${value.length} characters`;
    case 'number':
      return 'a number';
    case 'boolean':
      return `the ${typeof value} ${String(value)}`;
    default:
      return `an ${typeof value}`;
  }
}
