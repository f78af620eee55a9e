/** Why the log cannot take or give events right now. */
export type UnavailableReason = 'disconnected' | 'no-leader' | 'timeout' | 'full' | 'refused';

/**
 * The log did not answer, or refused, within the deadline. Events of the failed call may or may not be stored:
 * sending them again with the same ids is always right.
 */
export class LogUnavailableError extends Error {
  readonly code = 'log_unavailable';

  constructor(
    readonly reason: UnavailableReason,
    detail: string,
    readonly retryAfterSeconds = 2,
    options?: { cause?: unknown },
  ) {
    super(`the event log is not available (${reason}): ${detail}`, options);
    this.name = 'LogUnavailableError';
  }
}

/** Too much is already waiting for the log in this process. Nothing of the refused call was stored. */
export class LogOverloadedError extends Error {
  readonly code = 'log_overloaded';
  readonly retryAfterSeconds = 1;

  constructor(waiting: number, limit: number, unit: string) {
    super(`${waiting} ${unit} are waiting for the event log, the limit is ${limit}`);
    this.name = 'LogOverloadedError';
  }
}

/** The stream is not the one that was known: it was deleted and created anew, or restored. */
export class LogIdentityError extends Error {
  readonly code = 'log_identity';

  constructor(stream: string, expected: string, actual: string) {
    super(`stream ${stream} is not the one that was known: its epoch is ${actual}, expected was ${expected}`);
    this.name = 'LogIdentityError';
  }
}

/** A stream of this name exists and cannot serve as the log. */
export class LogSetupError extends Error {
  readonly code = 'log_setup';

  constructor(stream: string, detail: string, options?: { cause?: unknown }) {
    super(`stream ${stream} cannot serve as the event log: ${detail}`, options);
    this.name = 'LogSetupError';
  }
}

/** A copy of a shard could not be taken, or not be given back. */
export class LogBackupError extends Error {
  readonly code = 'log_backup';

  constructor(stream: string, detail: string) {
    super(`stream ${stream} cannot be copied: ${detail}`);
    this.name = 'LogBackupError';
  }
}
