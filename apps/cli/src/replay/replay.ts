import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RuncastClient, type WatchedEvent } from '@runcast/client';
import { UserError } from '../errors.ts';
import { gatewaysOf, type Gateways } from '../gateways.ts';
import { progressBar } from '../progress-bar.ts';
import { readApi } from '../read-api.ts';
import { waitsBetween } from './timing.ts';

export interface ReplayOptions {
  /** The new run's id; made when left out. */
  readonly as?: string;
  readonly session?: string;
  /** How many times as fast as it was. */
  readonly speed: number;
}

interface Page {
  readonly events: readonly WatchedEvent[];
  readonly next_after?: string;
}

/** No pause of a replay is longer: a run that waited for a human over night should not do so again. */
const LONGEST_WAIT_MS = 10_000;

/** `runcast replay`: sends the events of a recorded run again as a new run, with the pauses that were between them. */
export async function replay(run: string, options: ReplayOptions, root: string, host: NodeJS.Process): Promise<number> {
  const gateways = gatewaysOf(host.env, root);
  const events = await eventsOf(gateways, run);
  const name = options.as ?? `${run.slice(0, 80)}-replay-${randomUUID().slice(0, 8)}`;
  host.stderr.write(`replaying ${events.length} events of ${run} as ${name}\n`);
  const client = new RuncastClient({ url: gateways.ingestUrl, apiKey: gateways.apiKey });
  const waits = waitsBetween(events, options.speed, LONGEST_WAIT_MS);
  const bar = progressBar(host, events.length, 'events');
  for (const [index, event] of events.entries()) {
    await delay(waits[index]);
    const { type, level, agent, flow, data } = event;
    const session = options.session ?? event.session;
    client.send({ type, run: name, data, ...(level && { level }), agent, flow, session });
    bar.add(1);
  }
  await client.close({ timeoutMs: 30_000 });
  bar.end();
  const { delivered, dropped } = client.counts;
  host.stdout.write(`${name}\t${delivered} stored, ${dropped} lost\n`);
  return dropped === 0 ? 0 : 1;
}

async function eventsOf(gateways: Gateways, run: string): Promise<WatchedEvent[]> {
  const events: WatchedEvent[] = [];
  const path = `/v1/runs/${encodeURIComponent(run)}/events?limit=1000`;
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: Page | undefined = await readApi<Page>(gateways, after === '' ? path : `${path}&after=${after}`);
    if (page === undefined) throw new UserError(`there is no run ${run}`);
    events.push(...page.events);
    after = page.next_after;
  }
  return events;
}
