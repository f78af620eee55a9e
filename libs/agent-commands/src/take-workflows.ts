import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { readCommand, type AgentCommand } from './agent-command.ts';
import { TRACEPARENT, type Messaging } from './messaging.ts';
import { RunsUnderWay, type RunAgent } from './runs-under-way.ts';
import { BEAT_MS, type Taking, type TakeOptions } from './take-commands.ts';
import { WorkflowQueue } from './workflow-queue.ts';

export interface TakeWorkflowOptions extends TakeOptions {
  /** After how long without a sign of life a command is given to another worker. */
  readonly ackWaitMs: number;
}

/** What to do with a command that has taken its worker down this often: tell the log. */
export type GiveUp = (command: AgentCommand, deliveries: number) => Promise<void>;

const MAX_DELIVERIES = 5;
const PULL_MS = 5_000;
const RETRY_MS = 1_000;
/** About as long as a change of the NATS leader takes at worst. */
const ACK_ATTEMPTS = 10;

/**
 * Takes the commands of one workflow from the queue, each as often as it takes to bring it to an end: `runAgent` resolves
 * when the run is over, whatever came of it, and rejects when that could not be told to the log.
 */
export async function takeWorkflows(
  messaging: Messaging,
  options: TakeWorkflowOptions,
  runAgent: RunAgent,
  giveUp: GiveUp,
): Promise<Taking> {
  const { tenant, agent, maxUnderWay, ackWaitMs, beatMs = BEAT_MS } = options;
  const queue = await WorkflowQueue.open(messaging);
  const consumer = await queue.consumer(tenant, agent, ackWaitMs);
  const runs = new RunsUnderWay(messaging, tenant, maxUnderWay, beatMs);
  const stop = new AbortController();
  const perform = async (message: JsMsg): Promise<void> => {
    const command = readCommand(message.data, message.headers?.get(TRACEPARENT) || undefined);
    // Nobody will ever be able to read it: out of the queue, or it would come back for a week.
    if (command === undefined) return message.term('unreadable');
    // Our sign of life was lost and it came back to us.
    if (runs.has(command.run)) return message.nak(ackWaitMs);
    const { deliveryCount } = message.info;
    await settle(message, ackWaitMs, () =>
      deliveryCount > MAX_DELIVERIES ? giveUp(command, deliveryCount - 1) : runs.start(command, runAgent),
    );
  };
  // Without its connection it can neither take anything nor be stopped by anyone.
  void messaging.connection.closed().then(() => stop.abort());
  void pull(consumer, runs, perform, stop.signal);
  return {
    get underWay() {
      return runs.size;
    },
    stop: async () => {
      stop.abort();
      await runs.finish();
    },
  };
}

/** One pull at a time, and none while there is no room: what waits here would wait without a sign of life. */
async function pull(
  consumer: Consumer,
  runs: RunsUnderWay,
  perform: (message: JsMsg) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (runs.isFull) {
      await runs.untilOneIsOver();
      continue;
    }
    // NATS may be away: the pull is repeated until it is back.
    const message = await pullOne(consumer, signal).catch(() => sleep(RETRY_MS, undefined));
    if (message === undefined) continue;
    // It came after the stop: at once to somebody else.
    if (signal.aborted) message.nak();
    else void perform(message);
  }
}

async function pullOne(consumer: Consumer, signal: AbortSignal): Promise<JsMsg | undefined> {
  const pulled = await consumer.fetch({ max_messages: 1, expires: PULL_MS });
  const stop = (): void => pulled.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const message of pulled) return message;
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function settle(message: JsMsg, ackWaitMs: number, work: () => Promise<void>): Promise<void> {
  const alive = setInterval(() => ifConnected(() => message.working()), ackWaitMs / 3);
  try {
    await work();
    await acknowledge(message);
  } catch {
    ifConnected(() => message.nak(RETRY_MS));
  } finally {
    clearInterval(alive);
  }
}

/** Until the server has heard it: a command whose end got lost on the way would be run once more. */
async function acknowledge(message: JsMsg): Promise<void> {
  for (let attempt = 1; attempt <= ACK_ATTEMPTS; attempt += 1) {
    const heard = await message.ackAck().catch(() => false);
    if (heard) return;
    await sleep(RETRY_MS, undefined, { ref: false });
  }
}

/** On a closed connection every word throws; the server gives the command to somebody else by itself. */
function ifConnected(say: () => void): void {
  try {
    say();
  } catch {
    // See above.
  }
}
