/** A WHERE clause under construction. Only the comparisons come from code; every value is a parameter. */
export interface Conditions {
  readonly sql: string;
  readonly values: unknown[];
  /** Adds one more value; returns its placeholder. */
  parameter(value: unknown): string;
}

/** The comparisons whose value is given, joined by AND. `x = ANY` takes an array. */
export function conditions(comparisons: Readonly<Record<string, unknown>>): Conditions {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const sql = Object.entries(comparisons)
    .filter(([, value]) => value !== undefined)
    .map(([comparison, value]) => `${comparison} (${parameter(value)})`)
    .join(' AND ');
  return { sql, values, parameter };
}
