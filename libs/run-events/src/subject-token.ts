const SAFE = /^[A-Za-z0-9_-]+$/;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * An id as one token of a NATS subject: bytes outside [A-Za-z0-9_-] become %XX. Injective, so no two ids share a subject;
 * the result never contains a dot, a wildcard or white space. Requires a valid id (1..128 bytes of well-formed UTF-8),
 * so a token has at most 384 characters and a subject stays far below the server's 4 KB control line.
 */
export function encodeToken(id: string): string {
  if (SAFE.test(id)) return id;
  let token = '';
  for (const byte of utf8.encode(id)) {
    const char = String.fromCharCode(byte);
    token += SAFE.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token;
}

/** Reverses {@link encodeToken}; `undefined` for a token it never produces. */
export function decodeToken(token: string): string | undefined {
  if (SAFE.test(token)) return token;
  if (!/^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes = token
    .match(/%..|./g)!
    .map((part) => (part.length === 3 ? parseInt(part.slice(1), 16) : part.charCodeAt(0)));
  try {
    const id = strictUtf8.decode(Uint8Array.from(bytes));
    return encodeToken(id) === token ? id : undefined;
  } catch {
    return undefined;
  }
}
