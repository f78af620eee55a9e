import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again until the condition gives something truthy, and returns that. A throw counts as "not yet" and is the cause
 * of the error when time runs out. Nothing is proven by how soon it comes: a spec whose fact is a time measures it itself.
 *
 * @param options.describe what is waited for, in the words of the failure message; a function may add what was seen last
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: { timeoutMs?: number; describe: string | (() => string) },
): Promise<NonNullable<T>> {
  const { timeoutMs = PATIENCE_MS, describe } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      const what = typeof describe === 'string' ? describe : describe();
      throw new Error(`Not within ${timeoutMs} ms: ${what}`, { cause });
    }
    await delay(POLL_MS);
  }
}

/** What takes a moment here takes many times that on a machine that is shared with everything else. */
const PATIENCE_MS = 30_000;
const POLL_MS = 20;
