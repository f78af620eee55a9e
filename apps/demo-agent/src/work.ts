import { Command, isInterrupted, type MemorySaver } from '@langchain/langgraph';
import type { RuncastCallbackHandler } from '@runcast/client/langchain';
import type { AskPerson } from './approval.ts';
import type { Assignment } from './assignments.ts';
import type { Configurable, ResearchGraph } from './graph.ts';

export type Log = (level: 'info' | 'error', message: string, facts: object) => void;

export interface Workplace {
  readonly graph: ResearchGraph;
  readonly checkpointer: MemorySaver;
  readonly observer: RuncastCallbackHandler;
  readonly log: Log;
  /** Waits, unless the agent has been told to stop. */
  readonly pause: (ms: number) => Promise<void>;
  /** Whoever approves the reports. */
  readonly askPerson: AskPerson;
  /** How long people may take to answer before the demo's operator does. */
  readonly patienceMs: number;
}

/** Who waits for the answer of a command should not have to wait for a person who may not be there. */
const COMMAND_PATIENCE_MS = 2_000;

/** Who waits for the answer of an assignment, and may no longer want it. */
export interface Asker extends Configurable {
  readonly signal?: AbortSignal;
}

/** Does one assignment from the question to the end of its run. Never throws: a run that fails is part of the show. */
export async function perform(assignment: Assignment, place: Workplace, asker: Asker = {}): Promise<void> {
  const { run, session, agent, question } = assignment;
  const metadata = { runcast_run: run, runcast_session: session, runcast_agent: agent };
  const { signal, ...configurable } = asker;
  const config = {
    callbacks: [place.observer],
    configurable: { thread_id: run, ...configurable },
    metadata,
    ...(signal && { signal }),
  };
  try {
    const stopped = await place.graph.invoke({ question }, config);
    if (isInterrupted(stopped)) {
      const patienceMs = Math.min(place.patienceMs, signal ? COMMAND_PATIENCE_MS : Infinity);
      const { approval: resume, respondedBy, isTold } = await place.askPerson(run, patienceMs);
      const told = { runcast_responded_by: respondedBy, runcast_answer_is_told: isTold };
      await place.graph.invoke(new Command({ resume }), { ...config, metadata: { ...metadata, ...told } });
    }
    place.log('info', 'run finished', { run, agent });
  } catch (error) {
    place.log('info', 'run failed', { run, agent, error: String(error) });
  } finally {
    // The agent runs for ever; its memory of finished runs must not grow with it.
    await place.checkpointer.deleteThread(run);
  }
}

/** Does one assignment after the other until there are no more, or until it is told to stop. */
export async function work(
  assignments: Iterable<Assignment>,
  place: Workplace,
  intervalMs: number,
  stop: AbortSignal,
): Promise<void> {
  let isFirst = true;
  for (const assignment of assignments) {
    if (!isFirst) await place.pause(intervalMs);
    if (stop.aborted) return;
    isFirst = false;
    await perform(assignment, place);
  }
}
