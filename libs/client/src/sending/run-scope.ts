import type { ErrorFacts, JsonValue, Usage } from '@runcast/run-events';
import { errorFacts, tracebackOf } from '../error-facts.ts';
import { toPlainJson } from '../plain-json.ts';
import type { RuncastClient } from '../runcast-client.ts';
import { awaitAnswer, type Question, type WaitOptions } from './await-answer.ts';
import type { OutgoingEvent } from './outgoing.ts';

export interface RunOptions {
  /** The run's id; a new one when left out. */
  readonly run?: string;
  readonly session?: string | undefined;
  readonly agent?: string | undefined;
  readonly flow?: string | undefined;
  readonly framework?: string | undefined;
  readonly input?: unknown;
}

/** What a model call has used, told by who made it. */
export interface ModelCall {
  readonly used: (usage: Usage) => void;
}

export interface ModelCallOptions {
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly input?: unknown;
}

/** The parts of a client that a run needs. */
export type Sender = Pick<RuncastClient, 'send'>;

/**
 * Runs `work` as a run: tells that it started, and how it ended. The result and the error of `work` come out as they are;
 * nothing that happens to Runcast does.
 *
 *     const answer = await startRun(client, { agent: 'writer', input: topic }, async (run) => {
 *       const found = await run.tool('search', { topic }, () => search(topic));
 *       return run.llmCall({ model: 'small', input: found }, () => summarise(found));
 *     });
 */
export async function startRun<T>(
  client: Sender,
  options: RunOptions,
  work: (run: RunScope) => Promise<T> | T,
): Promise<T> {
  const scope = new RunScope(client, options);
  const { framework, input } = options;
  scope.tell('run.started', { ...(framework !== undefined && { framework }), ...given('input', input) });
  return scope.within(
    () => work(scope),
    (output, durationMs) => scope.tell('run.completed', { ...given('output', output), durationMs }),
    (error, durationMs, traceback) =>
      scope.tell('run.failed', { error, durationMs, ...(traceback !== undefined && { traceback }) }),
  );
}

/** A run under way. Its scopes may nest and may run side by side. */
export class RunScope {
  readonly id: string;
  readonly #client: Sender;
  readonly #names: Pick<OutgoingEvent, 'run' | 'session' | 'agent' | 'flow'>;

  constructor(client: Sender, { run = crypto.randomUUID(), session, agent, flow }: RunOptions) {
    this.id = run;
    this.#client = client;
    this.#names = { run, session, agent, flow };
  }

  step<T>(step: string, work: () => Promise<T> | T): Promise<T> {
    const names = { step, stepId: crypto.randomUUID() };
    this.tell('step.started', names);
    return this.within(
      work,
      (output, durationMs) => this.tell('step.completed', { ...names, ...given('output', output), durationMs }),
      (error, durationMs) => this.tell('step.failed', { ...names, error, durationMs }),
    );
  }

  tool<T>(tool: string, input: unknown, work: () => Promise<T> | T): Promise<T> {
    const names = { tool, callId: crypto.randomUUID() };
    this.tell('tool-call.started', { ...names, ...given('input', input) });
    return this.within(
      work,
      (output, durationMs) => this.tell('tool-call.completed', { ...names, ...given('output', output), durationMs }),
      (error, durationMs) => this.tell('tool-call.failed', { ...names, error, durationMs }),
    );
  }

  llmCall<T>({ model, provider, input }: ModelCallOptions, work: (call: ModelCall) => Promise<T> | T): Promise<T> {
    const names = {
      callId: crypto.randomUUID(),
      ...(model !== undefined && { model }),
      ...(provider !== undefined && { provider }),
    };
    let usage: Usage | undefined;
    this.tell('llm-call.started', { ...names, ...given('input', input) });
    return this.within(
      () => work({ used: (told) => (usage = told) }),
      (output, durationMs) =>
        this.tell('llm-call.completed', { ...names, ...given('output', output), ...(usage && { usage }), durationMs }),
      (error, durationMs) => this.tell('llm-call.failed', { ...names, error, durationMs }),
    );
  }

  /**
   * Asks a person and waits for the answer, however long it takes and whatever happens to the connection. The run is shown
   * as waiting. Whoever answers sends `human-input.received`, with the `requestId` of the question where they know it.
   *
   * @throws {WatchError} when the gateway refuses the feed for good; the reason of `signal` when it aborts;
   * {@link HumanInputError} when the run is cancelled. The one call of a run that can fail because of Runcast: without an
   * answer there is nothing it could return.
   */
  humanInput(question: Question, options: WaitOptions): Promise<JsonValue> {
    const requestId = crypto.randomUUID();
    const { context } = question;
    this.tell('human-input.requested', {
      question: question.question,
      ...given('context', context),
      ...(question.channel !== undefined && { channel: question.channel }),
      requestId,
    });
    return awaitAnswer(this.id, requestId, options);
  }

  /** Anything else about this run, under a canonical type or any other. */
  tell<T extends string>(type: T, data: OutgoingEvent<T>['data']): void {
    const level = type.endsWith('.failed') ? ('error' as const) : undefined;
    this.#client.send<T>({ ...this.#names, type, level, ...(data !== undefined && { data }) });
  }

  /** Runs `work` and tells how it ended; the scopes above, for spans of other kinds. */
  async within<T>(
    work: () => Promise<T> | T,
    completed: (output: unknown, durationMs: number) => void,
    failed: (error: ErrorFacts, durationMs: number, traceback?: string) => void,
  ): Promise<T> {
    const startedMs = performance.now();
    const since = (): number => Math.round(performance.now() - startedMs);
    try {
      const output = await work();
      completed(output, since());
      return output;
    } catch (thrown) {
      failed(errorFacts(thrown), since(), tracebackOf(thrown));
      throw thrown;
    }
  }
}

/** A member whose value may be whatever the agent's code holds; none for nothing. */
function given<K extends string>(name: K, value: unknown): { [key in K]?: JsonValue } {
  return (value === undefined ? {} : { [name]: toPlainJson(value) }) as { [key in K]?: JsonValue };
}
