import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@runcast/test-harness';
import { removeHome, startBuilt, type DevFile } from './new-user.ts';

/** A Runcast as `npm start` starts it from this checkout once it is built, on ports and in a data folder of its own. */
export interface RunningRuncast {
  dev(): DevFile;
  /** Where it keeps everything. */
  readonly home: string;
  /** What it has printed. */
  output(): string;
  stop(): Promise<void>;
}

const HERE = fileURLToPath(new URL('..', import.meta.url));

export async function startRuncast(env: NodeJS.ProcessEnv = {}, clone = HERE): Promise<RunningRuncast> {
  const home = mkdtempSync(join(tmpdir(), 'runcast-e2e-'));
  const run = startBuilt(clone, home, { RUNCAST_DEMO: 'off', ...env });
  const describe = (): string => `Runcast is up. It printed:\n${run.output()}`;
  const up = (): boolean => run.output().includes('Ctrl-C stops everything') && existsSync(join(home, 'dev.json'));
  await waitFor(() => up() || run.exitCode() !== undefined, { timeoutMs: 100_000, describe });
  if (!up()) throw new Error(`Runcast ended with ${String(run.exitCode())}:\n${run.output()}`);
  return {
    dev: run.devFile,
    home,
    output: run.output,
    stop: async () => {
      run.pressControlC();
      await run.exited;
      removeHome(home);
    },
  };
}
