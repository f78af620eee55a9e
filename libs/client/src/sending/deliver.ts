import { retryAfterMs } from '../backoff.ts';
import type { Parcel } from './outgoing.ts';

export interface DeliveryTarget {
  /** The ingest gateway, e.g. `http://localhost:8080`. */
  readonly url: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

export interface Refusal {
  readonly parcel: Parcel;
  readonly detail: string;
}

export type DeliveryOutcome =
  /** The gateway has looked at every event: each is stored, except the refused ones. */
  | { readonly kind: 'settled'; readonly refusals: readonly Refusal[] }
  /** The gateway will not take this request, however often it is sent. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** Nothing is known. Sending the same events again is right and harmless. */
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterMs?: number | undefined };

/**
 * The statuses that speak about what was sent. All others, 401 and 404 among them, speak about the way to the
 * gateway: a mistyped key must cost time, not events.
 */
const ABOUT_THE_CONTENT = new Set([400, 409, 413, 415, 422]);

/** Sends one request's worth of events (all for the same door). Never throws. */
export async function deliver(
  batch: readonly Parcel[],
  target: DeliveryTarget,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  try {
    const response = await target.fetch(...request(batch, target, signal));
    const body = await response.text();
    if (response.ok) return readReceipt(batch, body);
    const detail = `${response.status} ${body.slice(0, 500)}`;
    if (ABOUT_THE_CONTENT.has(response.status)) return { kind: 'refused', detail };
    return { kind: 'unavailable', detail, retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()) };
  } catch (error) {
    return { kind: 'unavailable', detail: String(error) };
  }
}

function request(batch: readonly Parcel[], target: DeliveryTarget, signal: AbortSignal): [string, RequestInit] {
  const first = batch[0]!;
  const headers = { authorization: `Bearer ${target.apiKey}`, 'content-type': 'application/json' };
  const common = { method: 'POST', signal: AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]) };
  if (first.door === 'sdk-ingest') {
    const named = { ...headers, 'idempotency-key': first.id };
    return [`${target.url}/api/ingest`, { ...common, headers: named, body: first.text }];
  }
  const body = `[${batch.map((parcel) => parcel.text).join(',')}]`;
  return [`${target.url}/v1/events`, { ...common, headers, body }];
}

/**
 * A 2xx counts only with the gateway's receipt in it: a proxy's log-in page is a 200 too, and taking it for a yes
 * would lose the events.
 */
function readReceipt(batch: readonly Parcel[], body: string): DeliveryOutcome {
  const answer = JSON.parse(body) as { results?: unknown } | null;
  // What the vendor's own ingest answers is published nowhere; that it is JSON is all that can be asked for.
  if (batch[0]!.door === 'sdk-ingest') return { kind: 'settled', refusals: [] };
  if (!Array.isArray(answer?.results) || answer.results.length !== batch.length) {
    return { kind: 'unavailable', detail: 'the answer holds no result for each event; is this the ingest gateway?' };
  }
  const results = answer.results as { status?: unknown }[];
  return { kind: 'settled', refusals: batch.flatMap((parcel, index) => refusalOf(parcel, results[index]!)) };
}

function refusalOf(parcel: Parcel, receipt: { status?: unknown }): Refusal[] {
  if (receipt.status === 'stored' || receipt.status === 'duplicate') return [];
  return [{ parcel, detail: JSON.stringify(receipt) }];
}
