import { NotTakenError, type AgentCommand, type Messaging } from '@runcast/agent-commands';
import { backoffMs, type Backoff } from '../backoff.ts';
import { pause } from '../pause.ts';
import type { OutgoingEvent } from '../sending/outgoing.ts';

/** An event of the run that was asked for; run, session, agent and flow are those of the command. */
export type RunEventOf<T extends string = string> = Omit<OutgoingEvent<T>, 'run'>;

/** Stores one event of the run. Resolves when it is durable; @throws {NotTakenError} when it will not be. */
export type Tell = <T extends string>(event: RunEventOf<T>) => Promise<void>;

const ANSWER_MS = 5_000;
const ATTEMPTS = 10;
const BACKOFF: Backoff = { firstMs: 100, maxMs: 3_000 };

/**
 * Tells the events of one run through the gateways' NATS intake, one after the other: an event that is tried again must
 * not be overtaken. Needs no address and no key besides the connection.
 */
export function tellerOf(command: AgentCommand, messaging: Messaging): Tell {
  const subject = messaging.subjects.ingest(command.tenant, 'runcast');
  const { run, session, agent, flow, traceparent } = command;
  let last: Promise<unknown> = Promise.resolve();
  return (event) => {
    // The id is fixed before the first attempt, so that the second stores nothing twice.
    const body = {
      id: crypto.randomUUID(),
      occurred_at: new Date().toISOString(),
      ...event,
      run,
      session,
      agent,
      flow,
    };
    const telling = last.catch(() => undefined).then(() => tell(subject, JSON.stringify(body), messaging, traceparent));
    last = telling;
    return telling;
  };
}

async function tell(
  subject: string,
  text: string,
  messaging: Messaging,
  traceparent: string | undefined,
): Promise<void> {
  let detail = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const reply = await messaging.ask(subject, text, ANSWER_MS, traceparent);
    if (reply.outcome === 'answered') {
      if (reply.body['accepted'] === true) return;
      detail = JSON.stringify(reply.body['detail']);
      // What is wrong with the event itself stays wrong.
      if (Number(reply.body['status']) < 500) break;
    } else detail = reply.outcome === 'nobody' ? 'no gateway takes events over NATS' : reply.detail;
    await pause(backoffMs(attempt, BACKOFF, Math.random()), new AbortController().signal, true);
  }
  throw new NotTakenError('an event', detail);
}
