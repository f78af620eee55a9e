import type { Result } from '../results.ts';
import type { Backends } from '../world/backends.ts';

/** What a figure is measured with. */
export interface Bench {
  readonly backends: Backends;
  readonly quick: boolean;
  readonly report: (line: string) => void;
}

/** Starts what it needs, measures, and leaves nothing behind. */
export type Figure = (bench: Bench) => Promise<Result[]>;

/** Runs clean-up steps in the order opposite to that in which they were added, also after a failure. */
export class CleanUp {
  private readonly steps: (() => Promise<unknown>)[] = [];

  /** Remembers how to undo what was just made, and hands it on. */
  add<T>(made: T, undo: (made: T) => Promise<unknown>): T {
    this.steps.push(() => undo(made));
    return made;
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).toReversed()) await step();
  }
}

/** Measures with something to clean up behind it. */
export async function cleanly<T>(work: (cleanUp: CleanUp) => Promise<T>): Promise<T> {
  const cleanUp = new CleanUp();
  try {
    return await work(cleanUp);
  } finally {
    await cleanUp.run();
  }
}
