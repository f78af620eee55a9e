import { launch, waitUntilReady } from '@runcast/local-backends';
import type { Part } from './supervise.ts';

export interface ServiceDescription {
  readonly name: string;
  /** The program that Node runs. */
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Where it says that it is ready; without one it counts as serving once its process exists. */
  readonly readyUrl?: string;
}

/** The first start compiles nothing, but a slow machine loads Nest and TypeORM for seconds. */
const READY_MS = 60_000;
const PROBE_MS = 2_000;
/** Longer than a service's own drain deadline (25 s), so that it is the service that decides. */
const STOP_MS = 30_000;

/** One of our services as a process of its own. */
export function servicePart({ name, main, env, logFile, readyUrl }: ServiceDescription): Part {
  return {
    name,
    logFile,
    async start(onSpawn) {
      const args = ['--enable-source-maps', main];
      const service = await launch({ command: process.execPath, args, env, logFile });
      onSpawn(service.pid);
      if (readyUrl) {
        const answers = (): Promise<boolean> => isReady(readyUrl);
        await waitUntilReady({ backend: name, process: service, logFile, withinMs: READY_MS, answers });
      }
      return {
        exited: service.exited,
        async stop() {
          await service.stop('SIGTERM', STOP_MS);
        },
      };
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
  await response.arrayBuffer();
  return response.ok;
}
