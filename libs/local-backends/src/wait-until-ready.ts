import { setTimeout as delay } from 'node:timers/promises';
import { BackendDidNotStartError } from './errors.ts';
import { lastLines } from './last-lines.ts';
import type { LaunchedProcess } from './launch.ts';

const POLL_MS = 25;
const LOG_LINES = 12;

export interface Readiness {
  readonly backend: string;
  readonly process: LaunchedProcess;
  readonly logFile: string;
  readonly withinMs: number;
  /** Whether the server answers now. A throw means no. */
  readonly answers: () => Promise<boolean> | boolean;
}

/** Resolves once the server answers. When it ends first or takes too long: kills it and throws the end of its log. */
export async function waitUntilReady(readiness: Readiness): Promise<void> {
  const { backend, process, logFile, withinMs, answers } = readiness;
  const deadline = performance.now() + withinMs;
  while (process.exit() === undefined && performance.now() < deadline) {
    if (
      await Promise.resolve()
        .then(answers)
        .catch(() => false)
    )
      return;
    await delay(POLL_MS);
  }
  const exit = process.exit();
  if (!exit) await process.stop('SIGKILL', 0);
  throw new BackendDidNotStartError(backend, exit, logFile, lastLines(logFile, LOG_LINES));
}
