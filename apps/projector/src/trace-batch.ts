import type { LogEntry } from '@runcast/read-models';
import { isTracing, SpanKind, startSpan, traceparentOf } from '@runcast/service-host';

/** Traced requests whose spans one batch shows; a batch of more is one where sampling should be turned down. */
const MAX_REQUESTS = 64;

/**
 * Runs the commit of a batch inside a span of its own, linked to every traced request with events in it. Each of these
 * requests gets a span too, so that its trace goes on from the log to the tables.
 */
export async function traceBatch<T>(shard: number, entries: readonly LogEntry[], commit: () => Promise<T>): Promise<T> {
  const requests = isTracing() ? requestsOf(entries) : [];
  if (requests.length === 0) return commit();
  const attributes = { 'runcast.shard': shard, 'runcast.entries': entries.length };
  const batch = startSpan('project batch', { kind: SpanKind.CONSUMER, attributes, links: requests });
  const links = [traceparentOf(batch)];
  const spans = requests.map((parent) => startSpan('project', { kind: SpanKind.CONSUMER, parent, attributes, links }));
  try {
    return await commit();
  } finally {
    for (const span of [...spans, batch]) span.end();
  }
}

function requestsOf(entries: readonly LogEntry[]): string[] {
  const requests = new Set<string>();
  for (const entry of entries) {
    if (requests.size >= MAX_REQUESTS) break;
    if (entry.kind === 'event' && entry.traceparent !== undefined) requests.add(entry.traceparent);
  }
  return [...requests];
}
