import type { AgentCommand } from './agent-command.ts';
import type { Messaging } from './messaging.ts';

/** What became of a command, and how often whoever took it will say that it still works on it, if it will. */
export interface Sent {
  readonly outcome: SendOutcome;
  readonly beatMs?: number;
}

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
/** A worker that promises another rhythm is not believed: it would be given up at once, or never. */
const BEATS = { fromMs: 50, toMs: 60_000 };

/** Sends commands to whoever serves an agent. */
export class AgentCommands {
  readonly #messaging: Messaging;
  readonly #answerMs: number;

  constructor(messaging: Messaging, answerMs = ANSWER_MS) {
    this.#messaging = messaging;
    this.#answerMs = answerMs;
  }

  async send({ traceparent, ...command }: AgentCommand): Promise<Sent> {
    const subject = this.#messaging.subjects.command(command.tenant, command.agent);
    const text = JSON.stringify(command);
    for (let asked = 0; asked < ASKED_AT_MOST; asked += 1) {
      const reply = await this.#messaging.ask(subject, text, this.#answerMs, traceparent);
      if (reply.outcome === 'nobody') return { outcome: 'no-agent' };
      if (reply.outcome === 'unknown') return { outcome: 'unknown' };
      if (reply.body['accepted'] === true) return { outcome: 'accepted', ...beatOf(reply.body['beatMs']) };
    }
    return { outcome: 'busy' };
  }

  /** Tells whoever runs it, if anybody still does. That the run is cancelled is for the log to say. */
  cancel(tenant: string, run: string, reason: string): void {
    this.#messaging.tell(this.#messaging.subjects.cancel(tenant), { run, reason });
  }
}

function beatOf(value: unknown): { beatMs?: number } {
  return typeof value === 'number' && value >= BEATS.fromMs && value <= BEATS.toMs ? { beatMs: value } : {};
}
