export type TakenAlone = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };

interface Bucket {
  tokens: number;
  readAtMs: number;
}

/**
 * A rate limit per key: all that a period allows may come at once, after that as much as flows in. Counted in this process
 * alone, so several gateways together let through that many times more.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perMs: number;
  readonly perPeriod: number;
  private readonly maxKeys: number;

  /** `perPeriod` 0 lets everything through. A period is a minute unless told. */
  constructor(perPeriod: number, maxKeys = 10_000, periodMs = 60_000) {
    this.perPeriod = perPeriod;
    this.maxKeys = maxKeys;
    this.#perMs = perPeriod / periodMs;
  }

  take(key: string, nowMs: number): TakenAlone {
    if (this.perPeriod === 0) return { ok: true };
    const bucket = this.#read(key, nowMs);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return { ok: true };
    }
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perMs / 1_000)) };
  }

  /** The key's bucket as of now, moved to the young end of the map. */
  #read(key: string, nowMs: number): Bucket {
    const known = this.#buckets.get(key) ?? { tokens: this.perPeriod, readAtMs: nowMs };
    // A clock that was set back must not take tokens away.
    const elapsedMs = Math.max(0, nowMs - known.readAtMs);
    const bucket = { tokens: Math.min(this.perPeriod, known.tokens + elapsedMs * this.#perMs), readAtMs: nowMs };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.maxKeys) this.#forgetOldest();
    return bucket;
  }

  /** The key that was silent longest is the one most likely to be full again, and a full bucket need not be kept. */
  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
