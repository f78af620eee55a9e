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
function dataText(event: RecordedEvent): string {
  const written = event.dialect === 'runcast' ? memberText(event.raw, 'data') : undefined;
  return written?.startsWith('{') ? oneLine(written) : JSON.stringify(event.data);
}
