import type { AgentCommand } from './agent-command.ts';
import type { Messaging } from './messaging.ts';

/** Runs the agent. `signal` aborts when the run is cancelled, with the reason as its reason. */
export type RunAgent = (command: AgentCommand, signal: AbortSignal) => Promise<void>;

/** The runs that this process works on for one tenant: at most `limit`, each cancelled by a word of the gateway. */
export class RunsUnderWay {
  readonly #runs = new Map<string, { stop: AbortController; done: Promise<unknown> }>();
  readonly #cancels: { unsubscribe(): void };
  readonly #limit: number;
  readonly #beat: NodeJS.Timeout;
  readonly #tell: (body: object) => void;

  /** Every `beatMs` whoever started one of the runs is told that somebody still works on it. */
  constructor(messaging: Messaging, tenant: string, limit: number, beatMs: number) {
    this.#limit = limit;
    this.#tell = (body) => {
      if (!messaging.connection.isClosed()) messaging.tell(messaging.subjects.working(tenant), body);
    };
    this.#beat = setInterval(() => this.#runs.size > 0 && this.#tell({ runs: [...this.#runs.keys()] }), beatMs).unref();
    this.#cancels = messaging.listen(messaging.subjects.cancel(tenant), ({ run, reason }) => {
      if (typeof run === 'string') this.#runs.get(run)?.stop.abort(reason);
    });
  }

  get size(): number {
    return this.#runs.size;
  }

  get isFull(): boolean {
    return this.#runs.size >= this.#limit;
  }

  has(run: string): boolean {
    return this.#runs.has(run);
  }

  /** Settles as the run does. */
  start(command: AgentCommand, runAgent: RunAgent): Promise<void> {
    const stop = new AbortController();
    const running = runAgent(command, stop.signal);
    const done = running
      .catch(() => undefined)
      .finally(() => {
        this.#runs.delete(command.run);
        this.#tell({ over: command.run });
      });
    this.#runs.set(command.run, { stop, done });
    return running;
  }

  /** Resolves when one of the runs is over. */
  async untilOneIsOver(): Promise<void> {
    await Promise.race([...this.#runs.values()].map(({ done }) => done));
  }

  /** Resolves when all of them are. */
  async finish(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ done }) => done));
    clearInterval(this.#beat);
    this.#cancels.unsubscribe();
  }
}
