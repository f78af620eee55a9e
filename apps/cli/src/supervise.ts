import { setTimeout as delay } from 'node:timers/promises';
import { lastLines, type Exit } from '@runcast/local-backends';

/** One process of the running whole. */
export interface Part {
  readonly name: string;
  readonly logFile: string;
  /** Starts it; `onSpawn` hears of the process before it serves. Resolves once it serves. */
  start(onSpawn: (pid: number) => void): Promise<RunningPart>;
}

export interface RunningPart {
  readonly exited: Promise<Exit>;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface Watcher {
  started(name: string, pid: number): void;
  ended(name: string): void;
  report(line: string): void;
}

export interface Supervised {
  /** Settles with the first start. It rejects when that fails: what never worked is not tried again and again. */
  readonly serving: Promise<void>;
  /** Ends the part for good, also while it is starting. */
  stop(): Promise<void>;
}

/** A part that stayed up this long was healthy: the next failure is a new story. */
const HEALTHY_MS = 30_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const REPORTED_LINES = 8;

/** How long to wait before start number `failures` + 1 in a row. */
export function restartDelayMs(failures: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
}

/** Starts a part and, once it has served, starts it again whenever it ends by itself. */
export function supervise(part: Part, watcher: Watcher): Supervised {
  const stopping = new AbortController();
  const { signal } = stopping;
  let starting: number | undefined;
  let running: RunningPart | undefined;

  const startOnce = async (): Promise<RunningPart> => {
    signal.throwIfAborted();
    try {
      running = await part.start((pid) => {
        starting = pid;
        watcher.started(part.name, pid);
        if (signal.aborted) process.kill(pid, 'SIGINT');
      });
      return running;
    } catch (error) {
      watcher.ended(part.name);
      throw error;
    } finally {
      starting = undefined;
    }
  };

  const keepUp = async (first: RunningPart): Promise<void> => {
    let current: RunningPart | undefined = first;
    let failures = 0;
    while (current) {
      const since = performance.now();
      const exit = await current.exited;
      running = undefined;
      watcher.ended(part.name);
      if (signal.aborted) return;
      watcher.report(describeEnd(part, exit));
      if (performance.now() - since > HEALTHY_MS) failures = 0;
      current = await startAgain(failures);
      failures += 1;
    }
  };

  const startAgain = async (failuresBefore: number): Promise<RunningPart | undefined> => {
    for (let failures = failuresBefore; ; failures += 1) {
      // An aborted pause is the way out of the loop below.
      await delay(restartDelayMs(failures), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      try {
        const again = await startOnce();
        watcher.report(`${part.name}: is back`);
        return again;
      } catch (error) {
        if (!signal.aborted) watcher.report(`${part.name}: did not come back. ${(error as Error).message}`);
      }
    }
  };

  const first = startOnce();
  const life = first.then(keepUp);
  // The rejection of the first start is the caller's, through `serving`.
  life.catch(() => undefined);
  return {
    serving: first.then(() => undefined),
    async stop() {
      stopping.abort();
      if (starting !== undefined) process.kill(starting, 'SIGINT');
      await running?.stop();
      await life.catch(() => undefined);
    },
  };
}

function describeEnd(part: Part, exit: Exit): string {
  const how = exit.signal ?? `exit code ${exit.code}`;
  const lines = lastLines(part.logFile, REPORTED_LINES).map((line) => `    ${line}`);
  return [`${part.name}: ended by itself (${how}), starting it again. Its last lines:`, ...lines].join('\n');
}
