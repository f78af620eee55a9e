import { setTimeout as sleep } from 'node:timers/promises';
import type { Seeded } from '../seeded.ts';
import type { PlannedEvent } from './event-text.ts';

/** An acknowledgement as a gateway gave it. */
export interface Receipt {
  readonly position: string;
}

export interface Attempt {
  readonly begunAt: number;
  readonly endedAt: number;
  readonly taken: boolean;
}

export interface SenderOptions {
  /** Every ingest gateway. The first attempt goes to any of them, each further one to the next, as a balancer does. */
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly random: Seeded;
  readonly onAttempt?: (attempt: Attempt) => void;
}

/** A gateway refused events that are fine, for good or for longer than any fault lasts; or its answer is about others. */
export class BrokenAnswerError extends Error {}

interface EventAnswer {
  readonly status: string;
  readonly event_id: string;
  readonly run_id: string;
  readonly position: string;
}

const ATTEMPT_MS = 5_000;
/** No fault lasts so long: what is not taken by then never will be. */
const GIVE_UP_MS = 120_000;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 1_000;
/** What a standard client retries: everything that speaks about the moment and not about the content. */
const MAY_PASS = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/**
 * Sends as a standard client does: the same texts under the same ids, to any gateway, until all are taken. `attempts`
 * are those it took.
 */
export async function sendUntilTaken(
  events: readonly PlannedEvent[],
  options: SenderOptions,
): Promise<{ receipts: Receipt[]; attempts: number }> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  const first = options.random.between(0, options.urls.length - 1);
  const body = `[${events.map(({ text }) => text).join(',')}]`;
  for (let attempts = 1, pauseMs = FIRST_PAUSE_MS; ; attempts += 1, pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
    const begunAt = performance.now();
    const answer = await post(
      `${options.urls[(first + attempts) % options.urls.length]!}/v1/events`,
      body,
      options.apiKey,
    );
    const taken = answer?.status === 202;
    options.onAttempt?.({ begunAt, endedAt: performance.now(), taken });
    if (taken) return { receipts: readReceipts(events, answer.text), attempts };
    if (answer !== undefined && !MAY_PASS(answer.status)) {
      throw new BrokenAnswerError(`events were refused with ${answer.status}: ${answer.text.slice(0, 500)}`);
    }
    if (begunAt > giveUpAt) throw new BrokenAnswerError(`no gateway takes ${events[0]!.run} ${events[0]!.id}`);
    await sleep(pauseMs * (0.5 + options.random.next() / 2));
  }
}

/** `undefined` when there was no answer, or only a part of one. */
async function post(url: string, body: string, apiKey: string): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}

function readReceipts(events: readonly PlannedEvent[], text: string): Receipt[] {
  const { results } = JSON.parse(text) as { results: readonly EventAnswer[] };
  return events.map((event, index) => {
    const answer = results[index];
    const isMine = answer?.event_id === event.id && answer.run_id === event.run;
    if (!isMine || !['stored', 'duplicate'].includes(answer.status)) {
      throw new BrokenAnswerError(`the answer to ${event.run} ${event.id} is ${JSON.stringify(answer)}`);
    }
    return { position: answer.position };
  });
}
