import type { FieldProblem, RunEvent } from '@runcast/run-events';
import { holdsMarker } from './marker.ts';
import type { Redactor } from './redactor.ts';

export type TakenIn = { ok: true; event: RunEvent } | { ok: false; problems: FieldProblem[] };

/** Names stand in subjects, keys and addresses, where nothing can be redacted. */
const IDENTITIES = ['id', 'run', 'session', 'agent', 'flow', 'type'] as const;

/**
 * Redacts the text of an event, then has it decoded: the decoder never sees a secret, so facts, raw text, derived id and
 * every error message are without it. An event that is named by a secret is refused: redacted, the names of different
 * runs would become one.
 */
export function takeIn(text: string, redactor: Redactor, decode: (text: string) => TakenIn): TakenIn {
  const redacted = redactor.json(text);
  const decoded = decode(redacted.text);
  if (!decoded.ok) return decoded;
  const problems = IDENTITIES.filter((name) => isSecret(decoded.event[name], redactor)).map((field) => ({
    field,
    expected: 'an id that holds no secret by the redaction rules',
  }));
  if (problems.length > 0) return { ok: false, problems };
  if (redacted.paths.length === 0) return decoded;
  return { ok: true, event: { ...decoded.event, redacted: redacted.paths } };
}

function isSecret(id: string | undefined, redactor: Redactor): boolean {
  return id !== undefined && (holdsMarker(id) || redactor.holdsSecret(id));
}
