import { isCanonicalEventType, parseTimestamp } from '@runcast/run-events';
import { composeEvent } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { eventData } from '../event-data.ts';
import { check, readWire } from '../read-wire.ts';
import { incoming } from './wire.ts';

export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const { type, data: given, ...body } = read.value;
  const data = given ?? {};
  const shaped = isCanonicalEventType(type) ? check(data, eventData[type], ['data']) : read;
  if (!shaped.ok) return shaped;
  const fields = { run: 'run', type: 'type' };
  return composeEvent(
    { dialect: 'runcast', wire, context, fields },
    { type, data },
    {
      ...body,
      occurredAt: body.occurred_at == null ? undefined : parseTimestamp(body.occurred_at),
      level: body.level ?? undefined,
    },
  );
}
