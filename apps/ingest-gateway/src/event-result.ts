import { formatPosition, type FieldProblem, type Position, type RunEvent } from '@runcast/run-events';

/** What became of one event that somebody sent. */
export type EventResult =
  | { readonly status: 'stored' | 'duplicate'; readonly event: RunEvent; readonly position: Position }
  /** A different event stands at `position` under this id; this one was not stored. */
  | { readonly status: 'conflict'; readonly event: RunEvent; readonly position: Position }
  /** Its run was erased, and does not come back. */
  | { readonly status: 'erased' }
  | { readonly status: 'invalid'; readonly errors: readonly FieldProblem[] }
  | { readonly status: 'too_large'; readonly bytes: number; readonly limitBytes: number };

export function isAccepted(result: EventResult): result is Extract<EventResult, { status: 'stored' | 'duplicate' }> {
  return result.status === 'stored' || result.status === 'duplicate';
}

/** The answer to one event that was taken. */
export function acceptedBody(result: Extract<EventResult, { status: 'stored' | 'duplicate' }>) {
  return { accepted: true, ...whereabouts(result), duplicate: result.status === 'duplicate' };
}

/** One event's line in the answer to several. */
export function resultBody(result: EventResult) {
  switch (result.status) {
    case 'stored':
    case 'duplicate':
      return { status: result.status, ...whereabouts(result), duplicate: result.status === 'duplicate' };
    case 'conflict':
      return { status: result.status, ...whereabouts(result) };
    case 'erased':
      return { status: result.status };
    case 'invalid':
      return { status: result.status, errors: result.errors };
    case 'too_large':
      return { status: result.status, errors: [sizeProblem(result)] };
  }
}

export function sizeProblem({ bytes, limitBytes }: { bytes: number; limitBytes: number }): FieldProblem {
  return { field: '', expected: `an event of at most ${limitBytes} bytes`, found: `${bytes} bytes` };
}

function whereabouts({ event, position }: { event: RunEvent; position: Position }) {
  return { event_id: event.id, run_id: event.run, position: formatPosition(position) };
}
