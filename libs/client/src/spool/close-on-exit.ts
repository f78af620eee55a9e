import type { RuncastClient } from '../runcast-client.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Closes the client when the process has nothing left to do, is asked to end, or dies of an error that nobody caught: what is
 * buffered still leaves, for `timeoutMs` at most. The process then ends as it would have without us, by the same signal
 * or with the same error and exit code. `process.exit()` waits for nobody; what it leaves behind only a {@link DiskSpool} keeps.
 *
 * Where the agent listens to a signal or to uncaught errors itself, ending the process is its business.
 *
 * @returns takes the arrangement back.
 */
export function closeOnExit(client: RuncastClient, { timeoutMs = 5_000 }: { timeoutMs?: number } = {}): () => void {
  const onIdle = (): void => void client.close({ timeoutMs });
  const onSignal = (signal: NodeJS.Signals): void => {
    const isOursAlone = process.listenerCount(signal) === 1;
    takeBack();
    void client.close({ timeoutMs }).then(() => isOursAlone && process.kill(process.pid, signal));
  };
  const onUncaught = (error: unknown): void => {
    const isOursAlone = process.listenerCount('uncaughtException') === 1;
    takeBack();
    const thrownAgain = (): void => {
      throw error;
    };
    // Outside of the promise, so that it is the error it was: Node prints it and ends with 1.
    void client.close({ timeoutMs }).then(() => isOursAlone && setImmediate(thrownAgain));
  };
  function takeBack(): void {
    process.off('beforeExit', onIdle);
    process.off('uncaughtException', onUncaught);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  process.once('beforeExit', onIdle);
  process.on('uncaughtException', onUncaught);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return takeBack;
}
