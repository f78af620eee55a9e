import { Command, isInterrupted, type MemorySaver } from '@langchain/langgraph';
import type { RuncastCallbackHandler } from '@runcast/client/langchain';
import type { Assignment } from './assignments.ts';
import type { Approval, Configurable, ResearchGraph } from './graph.ts';

export type Log = (level: 'info' | 'error', message: string, facts: object) => void;

export interface Workplace {
  readonly graph: ResearchGraph;
  readonly checkpointer: MemorySaver;
  readonly observer: RuncastCallbackHandler;
  readonly log: Log;
  /** Waits, unless the agent has been told to stop. */
  readonly pause: (ms: number) => Promise<void>;
  /** How long the person who approves the reports takes to answer. */
  readonly answerDelayMs: number;
}

const OPERATOR = 'demo-operator';

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
      await place.pause(place.answerDelayMs);
      const resume: Approval = { approved: true, note: 'Looks right to me.' };
      const answered = { ...config, metadata: { ...metadata, runcast_responded_by: OPERATOR } };
      await place.graph.invoke(new Command({ resume }), answered);
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
