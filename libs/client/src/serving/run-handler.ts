import type { AgentCommand, Messaging, RunAgent } from '@runcast/agent-commands';
import type { Handler, ServeOptions } from './options.ts';
import { tellerOf } from './tell.ts';

/** Runs the handler and tells of its failure. Rejects only when that could not be told. */
export function runningWith(handler: Handler, messaging: Messaging): RunAgent {
  return async (command, signal) => {
    const tell = tellerOf(command, messaging);
    try {
      await handler(command, { signal, tell });
    } catch (error) {
      // A cancelled run has its end already; what its handler throws is how it stopped.
      if (!signal.aborted) await tell(failure(command, error));
    }
  };
}

/** The same, but what could not be told goes to `onFault`. */
export function runningForSure(handler: Handler, messaging: Messaging, onFault: ServeOptions['onFault']): RunAgent {
  const run = runningWith(handler, messaging);
  return (command, signal) => run(command, signal).catch((error: unknown) => onFault?.(error, command));
}

export function failure({ id }: AgentCommand, thrown: unknown) {
  const isError = thrown instanceof Error;
  const error = isError ? { message: thrown.message, type: thrown.name } : { message: String(thrown) };
  // Named after the command: told twice, it is one event.
  return { type: 'run.failed', id: `${id.slice(0, 100)}.failed`, data: { error } } as const;
}
