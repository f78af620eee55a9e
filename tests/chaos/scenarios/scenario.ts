import type { Findings } from '../results.ts';
import type { RunFolder } from '../world/run-folder.ts';

/** What every scenario is given. */
export interface Stage {
  readonly seed: number;
  readonly folder: RunFolder;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/** Starts what it needs, breaks it, and says what it found. Ends what it started, also when it fails. */
export type Scenario = (stage: Stage) => Promise<Findings>;
