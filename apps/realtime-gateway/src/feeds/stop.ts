/** As much of an AbortSignal as a reader needs. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(event: 'abort', listener: () => void): void;
  removeEventListener(event: 'abort', listener: () => void): void;
}

/**
 * Tells one reader to stop. An AbortSignal can do the same, in ten times the memory: and every idle client has one of these.
 */
export class Stop implements StopSignal {
  private stopped = false;
  /** Nearly always there is one, or none. */
  private listeners: readonly (() => void)[] = NOBODY;

  get aborted(): boolean {
    return this.stopped;
  }

  abort(): void {
    if (this.stopped) return;
    this.stopped = true;
    const listeners = this.listeners;
    this.listeners = NOBODY;
    for (const listener of listeners) listener();
  }

  addEventListener(_event: 'abort', listener: () => void): void {
    if (!this.stopped) this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_event: 'abort', listener: () => void): void {
    const left = this.listeners.filter((each) => each !== listener);
    this.listeners = left.length === 0 ? NOBODY : left;
  }
}

const NOBODY: readonly (() => void)[] = [];
