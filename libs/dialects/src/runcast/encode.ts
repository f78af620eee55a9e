import { formatPosition, memberText, oneLine, type RecordedEvent } from '@runcast/run-events';
import type { Frame } from '../dialect.ts';

export function encode(event: RecordedEvent): Frame[] {
  const { id, run, session, agent, flow, type, level, dialect } = event;
  const envelope = JSON.stringify({
    position: formatPosition(event.position),
    id,
    run,
    session,
    agent,
    flow,
    type,
    level,
    occurred_at: event.occurredAt,
    received_at: event.receivedAt,
    dialect,
    redacted: event.redacted,
  });
  return [{ data: `${envelope.slice(0, -1)},"data":${dataText(event)}}` }];
}

/** Data that was written in our words is passed on as text: parsing it would round its 20-digit numbers. */
function dataText({ dialect, raw, data }: RecordedEvent): string {
  const text = JSON.stringify(data);
  if (dialect !== 'runcast' || isLastMember(raw, text)) return text;
  const written = memberText(raw, 'data');
  return written?.startsWith('{') ? oneLine(written) : text;
}

/**
 * Whether a JSON object ends with the member `data` written just so, as nearly all do: then nobody has to look for it. The
 * comma makes sure that the name begins there and not in the middle of another: behind one it can only be a key.
 */
function isLastMember(objectText: string, value: string): boolean {
  return objectText.endsWith(`,"data":${value}}`);
}
