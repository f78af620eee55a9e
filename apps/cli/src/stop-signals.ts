/** Signals this close together are one: a terminal sends Ctrl-C to npm and to us, and npm passes it on once more. */
const ONE_PRESS_MS = 1_000;

/**
 * Calls `first` at the first request to stop, `again` at a later one. A request is a signal, or the end of the process
 * that started us: without it nobody would be left to press Ctrl-C.
 */
export function onStopRequest(host: NodeJS.Process, first: (why: string) => void, again: () => void): void {
  let since: number | undefined;
  const requested = (why: string): void => {
    const now = performance.now();
    if (since === undefined) {
      since = now;
      first(why);
    } else if (now - since > ONE_PRESS_MS) {
      again();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) host.on(signal, () => requested(signal));
  host.once('disconnect', () => requested('the end of npm start'));
}
