/** Ids that users choose (tenant, run, session, agent, flow, event) are 1..128 bytes of well-formed UTF-8. */
export const MAX_ID_BYTES = 128;

/** What an id must be, in the words an error message uses. */
export const ID_EXPECTED = `a string of 1 to ${MAX_ID_BYTES} bytes of well-formed UTF-8, without the NUL character`;

const utf8 = new TextEncoder();

/**
 * Whether `value` can serve as an id.
 *
 * Lone surrogates are refused because every store turns them into U+FFFD, which would make two different ids
 * collide; NUL because Postgres text cannot hold it.
 */
export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_ID_BYTES) return false;
  if (!value.isWellFormed() || value.includes('\u0000')) return false;
  // Short ids (the usual case) cannot exceed the limit: a UTF-16 unit is at most three bytes.
  return value.length * 3 <= MAX_ID_BYTES || utf8.encode(value).length <= MAX_ID_BYTES;
}
