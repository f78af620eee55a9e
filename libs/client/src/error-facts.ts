import type { ErrorFacts } from '@runcast/run-events';

const MAX_TRACEBACK_CHARACTERS = 8_000;

/** What is told of something that was thrown, which may be anything. */
export function errorFacts(thrown: unknown): ErrorFacts {
  if (thrown instanceof Error) return { type: thrown.name, message: thrown.message };
  return { message: String(thrown) };
}

/** Where it was thrown, for the run that it ended. */
export function tracebackOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? thrown.stack?.slice(0, MAX_TRACEBACK_CHARACTERS) : undefined;
}
