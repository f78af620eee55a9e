import { QueueUnavailableError } from '@runcast/agent-commands';
import { LogOverloadedError, LogUnavailableError } from '@runcast/event-log';
import { failureOf } from '@runcast/read-models';
import { Problem } from '@runcast/service-host';

/** Which error of the log and the tables is which answer. Both pass, so both say when to come again. */
export function explainError(error: unknown): Problem | undefined {
  if (error instanceof LogUnavailableError) {
    const detail = 'The event log does not answer right now.';
    return new Problem('unavailable', { detail, retryAfterSeconds: error.retryAfterSeconds, cause: error });
  }
  if (error instanceof LogOverloadedError) {
    const detail = 'Too much is waiting for the event log.';
    return new Problem('overloaded', { detail, retryAfterSeconds: error.retryAfterSeconds, cause: error });
  }
  if (error instanceof QueueUnavailableError) {
    const detail = 'The command queue does not answer right now. Whether the command is in it is not known.';
    return new Problem('unavailable', { detail, retryAfterSeconds: error.retryAfterSeconds, cause: error });
  }
  if (isOutage(error)) {
    return new Problem('unavailable', {
      detail: 'The tables cannot be read right now.',
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  return undefined;
}

/** Postgres said so, the network did, or pg did in words only: it has no codes for its own time-outs. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return failureOf(error) === 'infrastructure';
  if (typeof code === 'string') return /^E[A-Z]+$/.test(code);
  return /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/.test(error.message);
}
