import type { FieldProblem, RunEvent } from '@runcast/run-events';
import { holdsMarker } from './marker.ts';
import type { Redactor } from './redactor.ts';

export type TakenIn = { ok: true; event: RunEvent } | { ok: false; problems: FieldProblem[] };

/** Names stand in subjects, keys and addresses, where nothing can be redacted. */
const IDENTITIES = ['id', 'run', 'session', 'agent', 'flow', 'type'] as const;

/** How a decoder names what its sender has left unnamed. */
export interface IdSource {
  newId(): string;
  hash(text: string): string;
}

/**
 * Redacts the text of an event, then has it decoded: the decoder never sees a secret, so facts, raw text, derived id and
 * every error message are without it. An event that is named by a secret is refused: redacted, the names of different
 * runs would become one.
 */
export function takeIn<Context extends IdSource>(
  text: string,
  redactor: Redactor,
  context: Context,
  decode: (text: string, context: Context) => TakenIn,
): TakenIn {
  const redacted = redactor.json(text);
  const ours: string[] = [];
  const decoded = decode(redacted.text, rememberingIds(context, ours));
  if (!decoded.ok) return decoded;
  const problems = IDENTITIES.filter((name) => isSecret(decoded.event[name], redactor, ours)).map((field) => ({
    field,
    expected: 'an id that holds no secret by the redaction rules',
  }));
  if (problems.length > 0) return { ok: false, problems };
  if (redacted.paths.length === 0) return decoded;
  return { ok: true, event: { ...decoded.event, redacted: redacted.paths } };
}

/** One hash in 262,144 begins with `sk-`: an id that we have made ourselves looks like a key now and then, and is none. */
function rememberingIds<Context extends IdSource>(context: Context, ours: string[]): Context {
  const remember = (id: string): string => {
    ours.push(id);
    return id;
  };
  return {
    ...context,
    newId: () => remember(context.newId()),
    hash: (text: string) => remember(context.hash(text)),
  };
}

function isSecret(id: string | undefined, redactor: Redactor, ours: readonly string[]): boolean {
  return id !== undefined && !ours.includes(id) && (holdsMarker(id) || redactor.holdsSecret(id));
}
