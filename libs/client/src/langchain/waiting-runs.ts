import type { RunTrace } from './run-trace.ts';

/** Questions may stay unanswered for ever. */
const MAX_WAITING_RUNS = 1_000;

/**
 * The runs that stopped for a question, under their graph's thread, until the thread goes on. Bounded: the run that
 * has waited longest is forgotten first, and would go on as a new run.
 */
export class WaitingRuns {
  readonly #traces = new Map<string, RunTrace>();

  keep(thread: string, trace: RunTrace): void {
    this.#traces.set(thread, trace);
    const longestWaiting = this.#traces.keys().next().value;
    if (this.#traces.size > MAX_WAITING_RUNS && longestWaiting !== undefined) this.#traces.delete(longestWaiting);
  }

  take(thread: string): RunTrace | undefined {
    const trace = this.#traces.get(thread);
    this.#traces.delete(thread);
    return trace;
  }
}
