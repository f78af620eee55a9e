/**
 * How ids become NATS subjects. Every token that stems from a user goes through {@link encodeToken}: raw user text in
 * a subject is a tenant leak (`*` and `>` are wildcards when subscribing) and a closed connection (spaces, long ids).
 */

/** The subjects of one shard of one installation. See docs/decisions/0001-log-layout.md. */
export interface SubjectSpace {
  /** What stored subjects begin with, e.g. `evt.0`. */
  readonly stored: string;
  /** What republished subjects begin with, e.g. `live.0`. */
  readonly live: string;
}

export type ParsedSubject =
  | { readonly kind: 'run'; readonly tenant: string; readonly run: string }
  | { readonly kind: 'session'; readonly tenant: string; readonly session: string };

/** `namespace` lets several installations, or tests, share one NATS account. */
export function subjectSpace(shard: number, namespace = ''): SubjectSpace {
  const suffix = namespace === '' ? '' : `_${namespace}`;
  return { stored: `evt${suffix}.${shard}`, live: `live${suffix}.${shard}` };
}

/** The subject that holds a run's events. */
export function runSubject(space: SubjectSpace, tenant: string, run: string): string {
  return `${space.stored}.${encodeToken(tenant)}.r.${encodeToken(run)}`;
}

/** The subject that holds the links of a session: which runs joined it. */
export function sessionSubject(space: SubjectSpace, tenant: string, session: string): string {
  return `${space.stored}.${encodeToken(tenant)}.s.${encodeToken(session)}`;
}

/** Where the stream republishes what it stores under `stored`. */
export function liveSubject(space: SubjectSpace, stored: string): string {
  return space.live + stored.slice(space.stored.length);
}

/** Reads a stored subject back; `undefined` for one that this code did not make. */
export function parseSubject(space: SubjectSpace, subject: string): ParsedSubject | undefined {
  if (!subject.startsWith(`${space.stored}.`)) return undefined;
  const tokens = subject.slice(space.stored.length + 1).split('.');
  if (tokens.length !== 3) return undefined;
  const tenant = decodeToken(tokens[0]!);
  const id = decodeToken(tokens[2]!);
  if (tenant === undefined || id === undefined) return undefined;
  if (tokens[1] === 'r') return { kind: 'run', tenant, run: id };
  if (tokens[1] === 's') return { kind: 'session', tenant, session: id };
  return undefined;
}

const SAFE = /^[A-Za-z0-9_-]+$/;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * An id as one subject token: bytes outside [A-Za-z0-9_-] become %XX. Injective, so no two ids share a subject; the
 * result never contains a dot, a wildcard or white space. Requires a valid id (1..128 bytes of well-formed UTF-8),
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
