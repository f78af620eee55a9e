import type { AgentCommand } from './agent-command.ts';
import type { Messaging } from './messaging.ts';

/** What became of a command. */
export type SendOutcome =
  /** Somebody has it and will run it. */
  | 'accepted'
  /** Nobody serves this agent. */
  | 'no-agent'
  /** Whoever was asked has as many runs as it takes. */
  | 'busy'
  /** No answer in time. It may run: sending it again could run it twice. */
  | 'unknown';

const ANSWER_MS = 5_000;
/** A queue group picks at random, so that the next one asked may well be free. */
const ASKED_AT_MOST = 3;

/** Sends commands to whoever serves an agent. */
export class AgentCommands {
  readonly #messaging: Messaging;
  readonly #answerMs: number;

  constructor(messaging: Messaging, answerMs = ANSWER_MS) {
    this.#messaging = messaging;
    this.#answerMs = answerMs;
  }

  async send({ traceparent, ...command }: AgentCommand): Promise<SendOutcome> {
    const subject = this.#messaging.subjects.command(command.tenant, command.agent);
    const text = JSON.stringify(command);
    for (let asked = 0; asked < ASKED_AT_MOST; asked += 1) {
      const reply = await this.#messaging.ask(subject, text, this.#answerMs, traceparent);
      if (reply.outcome === 'nobody') return 'no-agent';
      if (reply.outcome === 'unknown') return 'unknown';
      if (reply.body['accepted'] === true) return 'accepted';
    }
    return 'busy';
  }

  /** Tells whoever runs it, if anybody still does. That the run is cancelled is for the log to say. */
  cancel(tenant: string, run: string, reason: string): void {
    this.#messaging.tell(this.#messaging.subjects.cancel(tenant), { run, reason });
  }
}
