import type { JsonValue } from '@runcast/run-events';
import type { FeedConnection } from '../watching/open-feed.ts';
import { watchRun, type WatchedEvent } from '../watching/watch.ts';

export interface Question {
  readonly question: string;
  readonly context?: unknown;
  /** Where it should be asked, e.g. `slack`. */
  readonly channel?: string;
}

export interface WaitOptions {
  /** The realtime gateway, where the answer will be seen. Its key needs the scope `read`. */
  readonly feed: FeedConnection;
  /** Gives up waiting. The question stays open: take it back, or end the run. */
  readonly signal?: AbortSignal;
}

/** There will be no answer. */
export class HumanInputError extends Error {
  override readonly name = 'HumanInputError';
  readonly code = 'cancelled';

  constructor(run: string) {
    super(`The run ${run} was cancelled before its question was answered.`);
  }
}

const ABOUT_QUESTIONS = ['human-input.requested', 'human-input.received', 'run.cancelled'];

/**
 * The first answer to one question of a run. The run is read from its start, so that an answer that came while the
 * process was away, or before this feed was open, is found as well.
 */
export async function awaitAnswer(run: string, requestId: string, { feed, signal }: WaitOptions): Promise<JsonValue> {
  let isAsked = false;
  for await (const event of watchRun(feed, run, { types: ABOUT_QUESTIONS, follow: true, signal })) {
    const names = event.data['requestId'];
    if (event.type === 'human-input.requested') isAsked ||= names === requestId;
    // Many of those who answer know no request ids. Their answer goes to what was asked before it.
    else if (event.type === 'human-input.received' && (names === requestId || (isAsked && names === undefined))) {
      return responseOf(event);
    } else if (event.type === 'run.cancelled' && isAsked) throw new HumanInputError(run);
  }
  throw (signal?.reason ?? new HumanInputError(run)) as Error;
}

function responseOf({ data }: WatchedEvent): JsonValue {
  return data['response'] ?? null;
}
