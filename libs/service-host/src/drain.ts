/** One step of an orderly shutdown. */
export interface DrainStep {
  readonly name: string;
  run(): Promise<void> | void;
}

export interface DrainReport {
  readonly completed: readonly string[];
  /** Steps that threw. The steps after them ran all the same. */
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
  /** The step that the deadline interrupted, and those after it. */
  readonly unfinished: readonly string[];
}

/** Runs the steps one after the other, until all are done or `deadline` resolves. Never rejects. */
export async function drain(steps: readonly DrainStep[], deadline: Promise<unknown>): Promise<DrainReport> {
  const completed: string[] = [];
  const failed: { name: string; error: unknown }[] = [];
  const expired = deadline.then(() => 'expired' as const);
  for (const [index, step] of steps.entries()) {
    const outcome = await Promise.race([attempt(step), expired]);
    if (outcome === 'expired') return { completed, failed, unfinished: steps.slice(index).map(({ name }) => name) };
    if (outcome === 'done') completed.push(step.name);
    else failed.push({ name: step.name, error: outcome.error });
  }
  return { completed, failed, unfinished: [] };
}

async function attempt(step: DrainStep): Promise<'done' | { error: unknown }> {
  try {
    await step.run();
    return 'done';
  } catch (error) {
    return { error };
  }
}
