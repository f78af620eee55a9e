import type { Exit } from './launch.ts';

/** No way of getting a nats-server worked. The message says what to do. */
export class NoNatsServerError extends Error {
  override readonly name = 'NoNatsServerError';
  readonly code = 'NO_NATS_SERVER';

  constructor(readonly attempts: readonly string[]) {
    super(
      [
        'No nats-server could be had. Tried:',
        ...attempts.map((attempt) => `  - ${attempt}`),
        'Do one of these and start again:',
        '  - install nats-server 2.12 or newer, so that it is on the PATH (https://nats.io/download)',
        '  - set NATS_URL to a server that runs with JetStream',
        '  - run `docker compose up` instead, which brings its own',
      ].join('\n'),
    );
  }
}

/** A server process ended, or did not answer in time. Carries the end of its log, which says why. */
export class BackendDidNotStartError extends Error {
  override readonly name = 'BackendDidNotStartError';
  readonly code = 'BACKEND_DID_NOT_START';

  constructor(
    readonly backend: string,
    readonly exit: Exit | undefined,
    readonly logFile: string,
    readonly log: readonly string[],
  ) {
    const how = exit ? `ended at once (${exit.signal ?? `exit code ${exit.code}`})` : 'did not answer in time';
    super([`${backend} ${how}. The end of ${logFile}:`, ...log.map((line) => `  ${line}`)].join('\n'));
  }
}
