import { histogramOf, type Histogram } from '../measure/histogram.ts';
import { EventTexts } from './event-texts.ts';
import { HttpConnection, type Target } from './http-connection.ts';
import { serve } from './serve.ts';

/** Senders that each wait for their answer before they send again. */
export interface SendOrder extends Target {
  readonly connections: number;
  readonly eventsPerRequest: number;
  readonly forMs: number;
  /** Makes the ids of this order unlike those of every other. */
  readonly name: string;
}

export interface Sent {
  /** Requests answered with 202. */
  readonly accepted: number;
  readonly otherStatuses: Readonly<Record<string, number>>;
  readonly tookMs: number;
  readonly latencies: Histogram;
}

export type SenderMethods = {
  send(order: SendOrder): Promise<Sent>;
};

async function send(order: SendOrder): Promise<Sent> {
  const connections = await Promise.all(Array.from({ length: order.connections }, () => HttpConnection.open(order)));
  const latencies: number[] = [];
  const otherStatuses: Record<string, number> = {};
  const begun = performance.now();
  const end = begun + order.forMs;
  const work = async (connection: HttpConnection, index: number): Promise<void> => {
    const texts = new EventTexts(`${order.name}-${index}`);
    while (performance.now() < end) {
      const body = order.eventsPerRequest === 1 ? texts.next() : texts.batch(order.eventsPerRequest);
      const sentAt = performance.now();
      const status = await connection.post(body);
      if (status === 202) latencies.push(performance.now() - sentAt);
      else otherStatuses[status] = (otherStatuses[status] ?? 0) + 1;
      if (status === 0) return;
    }
  };
  await Promise.all(connections.map(work));
  const tookMs = performance.now() - begun;
  for (const connection of connections) connection.close();
  return { accepted: latencies.length, otherStatuses, tookMs, latencies: histogramOf(latencies) };
}

serve({ send } satisfies SenderMethods);
