import pg from 'pg';
import { columnNames, type Column } from './columns.ts';
import type { Connection } from './database.ts';
import { UnfoldableEntryError } from './failures.ts';

/** The statement that {@link copyRows} fills. */
export function copyInto<Row>(table: string, columns: readonly Column<Row>[]): string {
  return `COPY ${table} (${columnNames(columns)}) FROM STDIN`;
}

/**
 * Rows in Postgres' text form of COPY.
 * @throws {UnfoldableEntryError} when a value of a row cannot be spelled, e.g. a number where a text belongs.
 */
export function copyText<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer {
  try {
    let text = '';
    for (const row of rows) {
      let separator = '';
      for (const { value } of columns) {
        text += separator + copyField(value(row));
        separator = '\t';
      }
      text += '\n';
    }
    return Buffer.from(text);
  } catch (error) {
    throw new UnfoldableEntryError(error);
  }
}

/**
 * COPY … FROM STDIN of rows that are all there already, in any number of parts. The rows follow the statement at once, so that it can stand among
 * others that are sent together; a server that refuses the statement drops them.
 */
export function copyRows(connection: Connection, statement: string, parts: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // pg knows the messages and has no statement for them. In a pipeline it takes nothing but a Query of its own.
    const query = new pg.Query(statement, (error) => (error ? reject(error) : resolve()));
    const copy = {
      submit: (wire: CopyWire) => {
        wire.query(statement);
        for (const part of parts) wire.sendCopyFromChunk(part);
        wire.endCopyFrom();
        return null;
      },
      handleCopyInResponse: () => undefined,
    };
    connection.query(Object.assign(query, copy) as pg.Submittable);
  });
}

interface CopyWire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

function copyField(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  return SPECIAL.test(value) ? value.replace(EVERY_SPECIAL, (character) => ESCAPES[character]!) : value;
}

const SPECIAL = /[\\\n\r\t]/;
const EVERY_SPECIAL = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
