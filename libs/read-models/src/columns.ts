import { UnfoldableEntryError } from './failures.ts';
import { textArray } from './text-array.ts';

export type ColumnType =
  | 'text'
  | 'integer'
  | 'bigint'
  | 'double precision'
  | 'boolean'
  | 'timestamp with time zone'
  | 'date'
  | 'jsonb'
  | 'bytea';

/** One column, described once: its entity, the bulk statement and the value written all follow from this. */
export interface Column<Row> {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  /** A number or boolean is written as its text; a text must already be in the type's own spelling. */
  readonly value: (row: Row) => string | number | boolean | null;
}

/** A statement with its parameters. The name is that under which a connection keeps its plan. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: Buffer[];
}

/** The names of columns, for a select list. */
export function columnNames(columns: readonly { readonly name: string }[], prefix = ''): string {
  return columns.map(({ name }) => prefix + name).join(', ');
}

/**
 * One INSERT for any number of rows: an array for each column, so that 65,535 bind parameters are never a limit and
 * the statement's text does not depend on the batch.
 */
export function bulkInsert<Row>(table: string, columns: readonly Column<Row>[], onConflict: string): string {
  return `INSERT INTO ${table} (${columnNames(columns)}) ${rowsOf(columns)} ${onConflict}`;
}

/**
 * One UPDATE for any number of rows that are there, found by `key`. Cheaper than an INSERT that runs into a conflict for
 * each: that one looks every row up twice and prepares an insertion it then drops.
 */
export function bulkUpdate<Row>(
  table: string,
  columns: readonly Column<Row>[],
  key: readonly string[],
  assign: (column: string) => string = (column) => `changed.${column}`,
): string {
  const assignments = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => `${name} = ${assign(name)}`);
  const found = key.map((name) => `${table}.${name} = changed.${name}`).join(' AND ');
  return `UPDATE ${table} SET ${assignments.join(', ')} FROM (${rowsOf(columns)}) AS changed WHERE ${found}`;
}

/** The parameters of {@link columnArrays} as rows. */
function rowsOf<Row>(columns: readonly Column<Row>[]): string {
  // unnest in the select list hands rows on one by one; in FROM, each array is first copied into a store of its own.
  const texts = columns.map(({ name }, index) => `unnest($${index + 1}::text[]) AS ${name}`).join(', ');
  const values = columns.map(({ name, type }) => (type === 'text' ? name : `${name}::${type} AS ${name}`)).join(', ');
  return `SELECT ${values} FROM (SELECT ${texts}) AS texts`;
}

/**
 * The parameters of {@link bulkInsert} and {@link bulkUpdate}.
 * @throws {UnfoldableEntryError} when a value of a row cannot be spelled, e.g. a number where a text belongs.
 */
export function columnArrays<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer[] {
  try {
    return columns.map(({ value }) => textArray(rows.map((row) => spell(value(row)))));
  } catch (error) {
    throw new UnfoldableEntryError(error);
  }
}

/** The statement for these rows; none when there are none. */
export function statement<Row>(
  name: string,
  text: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Statement[] {
  return rows.length === 0 ? [] : [{ name, text, values: columnArrays(columns, rows) }];
}

function spell(value: string | number | boolean | null): string | null {
  return value === null || typeof value === 'string' ? value : String(value);
}
