import type { RunNames } from './run-trace.ts';

/** What one invocation may say of itself in its config's `metadata`. */
export interface InvocationMetadata {
  /** The run's id; LangChain's own id of the invocation when left out. */
  readonly runcast_run?: string;
  readonly runcast_session?: string;
  readonly runcast_agent?: string;
  /** Who gave the answer with which this invocation goes on. */
  readonly runcast_responded_by?: string;
  /** The answer came from Runcast, whose log has it: it is not told once more. */
  readonly runcast_answer_is_told?: boolean;
  /** LangGraph puts its `configurable.thread_id` here. */
  readonly thread_id?: string | number;
}

export function threadOf({ thread_id }: InvocationMetadata): string | undefined {
  return thread_id === undefined ? undefined : String(thread_id);
}

/** The names of a run: what its invocation says, else what the handler was told, else what the graph is called. */
export function namesOf(
  metadata: InvocationMetadata,
  defaults: { readonly agent?: string; readonly session?: string },
  id: string,
  graphName: string | undefined,
): RunNames {
  // A graph that was given no name is called after the library, which names no agent.
  const named = graphName === 'LangGraph' ? undefined : graphName;
  return {
    run: metadata.runcast_run ?? id,
    session: metadata.runcast_session ?? defaults.session ?? threadOf(metadata),
    agent: metadata.runcast_agent ?? defaults.agent ?? named,
  };
}
