import { watchRun, type FeedConnection } from '@runcast/client';
import { isJsonObject, type JsonValue } from '@runcast/run-events';
import type { Approval } from './graph.ts';

/** What a person said to the question of a run. */
export interface Answer {
  readonly approval: Approval;
  readonly respondedBy: string;
  /** Whether Runcast knows it already: the agent must then not tell it once more. */
  readonly isTold: boolean;
}

/** Resolves to the answer to the question that a run has just asked. Never rejects: somebody always answers. */
export type AskPerson = (run: string, patienceMs: number) => Promise<Answer>;

const OPERATOR: Answer = {
  approval: { approved: true, note: 'Looks right to me.' },
  respondedBy: 'demo-operator',
  isTold: false,
};
/** How long an answer that Runcast has taken may be on its way back to us. */
const ECHO_MS = 3_000;

/** Says yes at once. */
export const sayYes: AskPerson = () => Promise.resolve(OPERATOR);

export interface AskingParts {
  readonly connection: FeedConnection & { readonly apiKey: string };
  readonly pause: (ms: number) => Promise<unknown>;
  readonly stop: AbortSignal;
  readonly fetch: typeof fetch;
}

/**
 * Waits for whoever answers in the console, as any agent may: by the run's own feed. When nobody has in time, the demo's
 * operator answers through the same door, so that of the two the first wins.
 */
export function askThroughRuncast({ connection, pause, stop, fetch }: AskingParts): AskPerson {
  return async (run, patienceMs) => {
    const heardEnough = new AbortController();
    const heard = hear(connection, run, AbortSignal.any([stop, heardEnough.signal]));
    const late = (ms: number): Promise<undefined> => pause(ms).then(() => undefined);
    try {
      const answer = await Promise.race([heard, late(patienceMs)]);
      if (answer !== undefined) return answer;
      if (stop.aborted || !(await answerAsOperator(run))) return OPERATOR;
      return (await Promise.race([heard, late(ECHO_MS)])) ?? OPERATOR;
    } finally {
      heardEnough.abort();
    }
  };

  /** Whether an answer stands in the log now: this one, or that of somebody who was quicker. */
  async function answerAsOperator(run: string): Promise<boolean> {
    const response = await fetch(`${connection.url}/v1/runs/${encodeURIComponent(run)}/input`, {
      method: 'POST',
      headers: { authorization: `Bearer ${connection.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ response: OPERATOR.approval, responded_by: OPERATOR.respondedBy }),
    }).catch(() => undefined);
    return response !== undefined && [202, 409].includes(response.status);
  }
}

/** The first answer behind the run's last question. Stays silent when the feed cannot be had. */
async function hear(connection: FeedConnection, run: string, signal: AbortSignal): Promise<Answer> {
  let answer: Answer | undefined;
  try {
    for await (const { type, data } of watchRun(connection, run, { follow: true, signal })) {
      if (type !== 'human-input.received') continue;
      const by = data['respondedBy'];
      answer = {
        approval: approvalIn(data['response'] ?? null),
        respondedBy: typeof by === 'string' ? by : 'somebody',
        isTold: true,
      };
      break;
    }
  } catch {
    // The operator answers.
  }
  return answer ?? new Promise<never>(() => undefined);
}

/** What somebody wrote, as a yes or a no. */
export function approvalIn(response: JsonValue): Approval {
  if (isJsonObject(response) && typeof response['approved'] === 'boolean') {
    const { approved, note } = response as { approved: boolean; note?: JsonValue };
    return { approved, ...(typeof note === 'string' && note !== '' && { note }) };
  }
  if (typeof response === 'boolean') return { approved: response };
  const note = typeof response === 'string' ? response : JSON.stringify(response);
  return { approved: !/^\s*(no|nein|not|never|reject|withhold)\b/i.test(note), note };
}
