import type { Redactor } from '@runcast/redaction';
import { Problem } from './problem.ts';

/** Finds the redactor of a tenant. Called for every event, so it cannot wait; throws a Problem when it cannot know. */
export type RedactorOf = (tenant: string) => Redactor;

/** Redactors that are kept in memory and made of rules that are read from somewhere else. */
export interface RedactorSource {
  /** Whether the rules have been read at all. */
  readonly ready: boolean;
  of(tenant: string): Redactor;
}

/** Says 503 while the rules are not known: what was stored with a secret in it cannot be redacted any more. */
export function redactorIn(source: RedactorSource): RedactorOf {
  return (tenant) => {
    if (source.ready) return source.of(tenant);
    throw new Problem('unavailable', { detail: 'Redaction rules are not known yet.', retryAfterSeconds: 2 });
  };
}
