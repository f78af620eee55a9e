/**
 * Resolves after `ms`, or at once when `signal` aborts. Never rejects.
 *
 * @param keepAlive whether the wait may keep a Node process from exiting. Not so in the background of somebody's
 * agent: a Runcast that is away must not hold the agent's process.
 */
export function pause(ms: number, signal: AbortSignal, keepAlive: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(over, ms);
    // Browsers' timers are plain numbers and hold nothing.
    if (!keepAlive) (timer as { unref?: () => void }).unref?.();
    signal.addEventListener('abort', over, { once: true });

    function over(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    }
  });
}
