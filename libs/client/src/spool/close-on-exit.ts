import type { RuncastClient } from '../runcast-client.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Closes the client when the process has nothing left to do, or is asked to end: what is buffered still leaves, for
 * `timeoutMs` at most. A signal then ends the process as it would have without us. `process.exit()` waits for nobody;
 * what it leaves behind only a {@link DiskSpool} keeps.
 *
 * @returns takes the arrangement back.
 */
export function closeOnExit(client: RuncastClient, { timeoutMs = 5_000 }: { timeoutMs?: number } = {}): () => void {
  const onIdle = (): void => void client.close({ timeoutMs });
  const onSignal = (signal: NodeJS.Signals): void => {
    const isOursAlone = process.listenerCount(signal) === 1;
    takeBack();
    // Where the agent listens as well, ending the process is its business.
    void client.close({ timeoutMs }).then(() => isOursAlone && process.kill(process.pid, signal));
  };
  function takeBack(): void {
    process.off('beforeExit', onIdle);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  process.once('beforeExit', onIdle);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return takeBack;
}
