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
  private readonly byKey = new Map<string, OfKey>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Calls `onEnd` once, when the credential is revoked or expires while the connection is open. */
  watch(principal: Principal, onEnd: (why: CredentialEnd) => void): CredentialWatch {
    const watched = new Watched(this.ofKey(principal.keyId), onEnd);
    watched.extend(principal);
    return watched;
  }

  /** Ends everything that this key, or a ticket made with it, has opened here. */
  revoke(keyId: string): void {
    const ofKey = this.byKey.get(keyId);
    this.byKey.delete(keyId);
    for (const watched of ofKey?.watched ?? []) watched.revoke();
  }

  private ofKey(keyId: string): OfKey {
    const known = this.byKey.get(keyId);
    if (known !== undefined) return known;
    const ofKey: OfKey = {
      watched: new Set(),
      now: this.now,
      onEmpty: () => {
        if (this.byKey.get(keyId) === ofKey) this.byKey.delete(keyId);
      },
    };
    this.byKey.set(keyId, ofKey);
    return ofKey;
  }
}

/** What has been opened with one key and its tickets. */
interface OfKey {
  readonly watched: Set<Watched>;
  readonly now: () => number;
  readonly onEmpty: () => void;
}

/** There is one for each connection, most of which do nothing: so it is small. */
class Watched implements CredentialWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ofKey: OfKey,
    private readonly onEnd: (why: CredentialEnd) => void,
  ) {
    ofKey.watched.add(this);
  }

  extend({ expiresAtMs }: Principal): void {
    clearTimeout(this.timer);
    if (expiresAtMs !== undefined) this.expireAt(expiresAtMs);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.ofKey.watched.delete(this);
    if (this.ofKey.watched.size === 0) this.ofKey.onEmpty();
  }

  revoke(): void {
    clearTimeout(this.timer);
    this.onEnd('revoked');
  }

  private expireAt(atMs: number): void {
    const left = atMs - this.ofKey.now();
    const wake = (): void => {
      if (left > MAX_TIMER_MS) return this.expireAt(atMs);
      this.stop();
      this.onEnd('expired');
    };
    this.timer = setTimeout(wake, Math.min(Math.max(0, left), MAX_TIMER_MS)).unref();
  }
}
