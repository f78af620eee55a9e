import type { Principal } from '@runcast/service-host';

/** Why a credential is good no longer. */
export type CredentialEnd = 'revoked' | 'expired';

/** One open connection and the credential it lives by. */
export interface CredentialWatch {
  /** Goes on with a newer credential of the same caller. */
  extend(principal: Principal): void;
  /** The connection has ended. */
  stop(): void;
}

/** The longest time that a timer of Node can wait; a credential that lives longer is looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Ends what a credential has opened when the credential ends: a stream can outlive the key it was opened with by days, and
 * revoking a key that leaked must not leave the thief listening.
 */
export class LiveCredentials {
  private readonly byKey = new Map<string, Set<Watched>>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Calls `onEnd` once, when the credential is revoked or expires while the connection is open. */
  watch(principal: Principal, onEnd: (why: CredentialEnd) => void): CredentialWatch {
    const watched: Watched = { onEnd, timer: undefined };
    const { keyId } = principal;
    const ofKey = this.byKey.get(keyId) ?? new Set();
    this.byKey.set(keyId, ofKey.add(watched));
    const stop = (): void => {
      clearTimeout(watched.timer);
      ofKey.delete(watched);
      if (ofKey.size === 0 && this.byKey.get(keyId) === ofKey) this.byKey.delete(keyId);
    };
    const extend = ({ expiresAtMs }: Principal): void => {
      clearTimeout(watched.timer);
      if (expiresAtMs !== undefined) this.expireAt(expiresAtMs, watched, stop);
    };
    extend(principal);
    return { extend, stop };
  }

  /** Ends everything that this key, or a ticket made with it, has opened here. */
  revoke(keyId: string): void {
    const ofKey = this.byKey.get(keyId);
    this.byKey.delete(keyId);
    for (const watched of ofKey ?? []) {
      clearTimeout(watched.timer);
      watched.onEnd('revoked');
    }
  }

  private expireAt(atMs: number, watched: Watched, stop: () => void): void {
    const left = atMs - this.now();
    const wake = (): void => {
      if (left > MAX_TIMER_MS) return this.expireAt(atMs, watched, stop);
      stop();
      watched.onEnd('expired');
    };
    watched.timer = setTimeout(wake, Math.min(Math.max(0, left), MAX_TIMER_MS)).unref();
  }
}

interface Watched {
  readonly onEnd: (why: CredentialEnd) => void;
  timer: NodeJS.Timeout | undefined;
}
