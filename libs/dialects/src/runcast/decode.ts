import { isCanonicalEventType, parseTimestamp } from '@runcast/run-events';
import { composeEvent } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { eventData } from '../event-data.ts';
import { check, readWire } from '../read-wire.ts';
import { incoming } from './wire.ts';

export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const { type, occurred_at, level, id, run, session, agent, flow } = read.value;
  const data = read.value.data ?? {};
  const shaped = isCanonicalEventType(type) ? check(data, eventData[type], ['data']) : read;
  if (!shaped.ok) return shaped;
  const fields = { run: 'run', type: 'type' };
  return composeEvent(
    { dialect: 'runcast', wire, context, fields },
    { type, data },
    {
      id,
      run,
      session,
      agent,
      flow,
      occurredAt: occurred_at == null ? undefined : parseTimestamp(occurred_at),
      level: level ?? undefined,
    },
  );
}
