import { LogIdentityError, LogOverloadedError, LogUnavailableError } from '@runcast/event-log';
import { formatPosition, type FieldProblem } from '@runcast/run-events';
import { Problem } from '@runcast/service-host';
import { sizeProblem, type EventResult } from './event-result.ts';

/** Which of the log's errors is which answer. All of them pass, so all of them say when to come again. */
export function explainLogError(error: unknown): Problem | undefined {
  if (error instanceof LogUnavailableError) {
    const detail =
      'The event log does not answer. Whether the events are stored is unknown: send them again with the same ids.';
    return new Problem('unavailable', { detail, retryAfterSeconds: error.retryAfterSeconds, cause: error });
  }
  if (error instanceof LogOverloadedError) {
    const detail = 'Too many events are waiting for the event log. None of this request was stored.';
    return new Problem('overloaded', { detail, retryAfterSeconds: error.retryAfterSeconds, cause: error });
  }
  if (error instanceof LogIdentityError) {
    return new Problem('unavailable', {
      detail: 'The event log is being replaced.',
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  return undefined;
}

/** The answer to a single event that was not taken. */
export function problemOf(result: Exclude<EventResult, { status: 'stored' | 'duplicate' }>): Problem {
  switch (result.status) {
    case 'invalid':
      return new Problem('invalid_event', { detail: sentence(result.errors), errors: result.errors });
    case 'erased':
      return new Problem('erased', { detail: 'The run was erased. Nothing of it is taken any more.' });
    case 'too_large': {
      const error = sizeProblem(result);
      return new Problem('payload_too_large', { detail: sentence([error]), errors: [error] });
    }
    case 'conflict': {
      const where = formatPosition(result.position);
      const detail = `The run already has a different event with this id, at position ${where}. The stored one stays.`;
      return new Problem('event_conflict', { detail });
    }
  }
}

export function unreadable(expected: string, found?: string, field = ''): Problem {
  const error = { field, expected, ...(found !== undefined && { found }) };
  return new Problem('invalid_request', { detail: sentence([error]), errors: [error] });
}

function sentence([first, ...others]: readonly FieldProblem[]): string {
  if (!first) return 'The event is not valid.';
  const subject = first.field === '' ? 'The body' : first.field;
  const found = first.found === undefined ? '' : `, found ${first.found}`;
  const more = others.length === 0 ? '' : ` (${others.length} more in errors)`;
  return `${subject}: expected ${first.expected}${found}${more}.`;
}
