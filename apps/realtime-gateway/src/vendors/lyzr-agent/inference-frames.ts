import type { Frame } from '@runcast/dialects';
import type { CanonicalEvent, JsonValue, RecordedEvent } from '@runcast/run-events';
import { DONE } from '../../stream/encoded-event.ts';
import type { Told } from '../told.ts';

/** The inference stream: bare text as it comes, then `[DONE]`. A failure is an object with its message. */
export function inferenceFrames(event: RecordedEvent, before: Told): Frame[] {
  const said = event as CanonicalEvent;
  switch (said.type) {
    case 'message.delta':
      return [{ data: said.data.text }];
    case 'message.sent':
      // In pieces it has been sent already.
      return before.inPieces ? [] : [{ data: plainText(said.data.content) }];
    case 'run.completed': {
      const { output } = said.data;
      return [...(output === undefined ? [] : [{ data: plainText(output) }]), { data: DONE }];
    }
    case 'run.failed':
      return failed(said.data.error.message);
    case 'run.cancelled':
      return failed(said.data.reason ?? 'the run was cancelled');
    case 'run.went-stale':
      return failed(`no event for ${said.data.idleMs} ms`);
    default:
      return [];
  }
}

export function plainText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function failed(error: string): Frame[] {
  return [{ data: JSON.stringify({ error }) }, { data: DONE }];
}
