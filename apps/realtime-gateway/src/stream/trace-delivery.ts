import { formatPosition } from '@runcast/run-events';
import { SpanKind, startSpan } from '@runcast/service-host';
import type { FeedEvent } from '../feeds/topic.ts';

/** Of one write. */
const MAX_SPANS = 16;
/** An event that ten thousand clients watch is one span, that of the first: the topic gives all of them the same object. */
const delivered = new WeakSet<FeedEvent>();

/** Writes events inside spans: the end of the way that began with the request that sent them. */
export function traceDelivery(
  events: readonly FeedEvent[],
  to: { readonly transport: string; readonly dialect: string },
  write: () => Promise<void> | undefined,
): Promise<void> | undefined {
  const spans = firstDeliveries(events).map((event) =>
    startSpan('deliver', {
      kind: SpanKind.PRODUCER,
      parent: event.traceparent,
      attributes: {
        'runcast.run': event.run,
        'runcast.position': formatPosition(event.position),
        'runcast.transport': to.transport,
        'runcast.dialect': to.dialect,
      },
    }),
  );
  const end = (): void => spans.forEach((span) => span.end());
  try {
    const room = write();
    if (room !== undefined) return room.finally(end);
  } catch (error) {
    end();
    throw error;
  }
  end();
  return undefined;
}

function firstDeliveries(events: readonly FeedEvent[]): FeedEvent[] {
  const first = events.filter((event) => event.traceparent !== undefined && !delivered.has(event)).slice(0, MAX_SPANS);
  for (const event of first) delivered.add(event);
  return first;
}
