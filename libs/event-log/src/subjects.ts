import { decodeToken, encodeToken } from '@runcast/run-events';

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

/** The subjects of all runs of a tenant. */
export function tenantRunsSubject(space: SubjectSpace, tenant: string): string {
  return `${space.stored}.${encodeToken(tenant)}.r.*`;
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
