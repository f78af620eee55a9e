/** NATS did not take a command into the queue within the time given. It may be there all the same: its id is remembered. */
export class QueueUnavailableError extends Error {
  readonly code = 'queue_unavailable';
  readonly retryAfterSeconds = 2;

  constructor(cause: unknown) {
    super(`the command queue does not answer: ${(cause as Error).message}`, { cause });
    this.name = 'QueueUnavailableError';
  }
}

/** What somebody said over NATS could not be delivered or was refused. */
export class NotTakenError extends Error {
  readonly code = 'not_taken';

  constructor(what: string, detail: string) {
    super(`${what} was not taken: ${detail}`);
    this.name = 'NotTakenError';
  }
}
