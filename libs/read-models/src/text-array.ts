/** The OID of Postgres' type text, fixed for all time. */
const TEXT_OID = 25;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

/**
 * A text[] parameter in Postgres' binary form: a header, then each element behind its length. pg writes arrays as
 * literals instead, where every quote of every JSON text is escaped here and unescaped there.
 */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = HEADER_BYTES;
  for (const value of values) bytes += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const array = Buffer.allocUnsafe(bytes);
  let at = writeHeader(array, values.length);
  for (const value of values) {
    const length = value === null ? 0 : array.write(value, at + 4);
    array.writeInt32BE(value === null ? NULL_LENGTH : length, at);
    at += 4 + length;
  }
  return array;
}

function writeHeader(array: Buffer, length: number): number {
  let at = array.writeInt32BE(1, 0); // dimensions
  at = array.writeInt32BE(1, at); // may hold nulls
  at = array.writeInt32BE(TEXT_OID, at);
  at = array.writeInt32BE(length, at);
  return array.writeInt32BE(1, at); // index of the first element
}
