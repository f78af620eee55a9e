import { TokenBuckets } from './token-buckets.ts';

/** What a bucket answers to one request. */
export type Taken =
  { readonly ok: true; readonly remaining: number } | { readonly ok: false; readonly retryAfterSeconds: number };

export interface LeaseRequest {
  readonly bucket: string;
  readonly perMinute: number;
  /** How many tokens are wanted; fewer are given when the bucket holds fewer. */
  readonly want: number;
}

export interface Lease {
  readonly granted: number;
  /** What is left in the bucket that all replicas share. */
  readonly left: number;
}

/** Takes tokens out of a bucket that all replicas share. Rejects when the store is away. */
export type LeaseTokens = (request: LeaseRequest) => Promise<Lease>;

interface Slice {
  tokens: number;
  left: number;
  waiting: number;
  leasing: Promise<void> | undefined;
  emptyUntilMs: number;
  awayUntilMs: number;
}

const MAX_BUCKETS = 10_000;
/** How long after a failed lease the store is left alone. */
const AWAY_MS = 1_000;

/**
 * Rate limits that hold across replicas: a bucket per name in a shared store, a minute's worth deep. A replica leases a
 * second's worth ahead, and again when half of it is gone, so that a request waits for the store only at a bucket's first use and
 * in a burst. All replicas together never let more through than the bucket gave out; a replica that goes quiet keeps at
 * most its slice.
 *
 * While the store is away each replica goes by the whole limit alone: so many times more pass as there are replicas, and
 * nobody is refused for our outage.
 */
export class LeasedBuckets {
  readonly perMinute: number;
  readonly #slices = new Map<string, Slice>();
  readonly #alone: TokenBuckets;
  readonly #lease: LeaseTokens;
  readonly #now: () => number;
  readonly #slice: number;

  /** `perMinute` 0 lets everything through. */
  constructor(perMinute: number, lease: LeaseTokens, now: () => number = Date.now) {
    this.perMinute = perMinute;
    this.#alone = new TokenBuckets(perMinute, MAX_BUCKETS);
    this.#lease = lease;
    this.#now = now;
    this.#slice = Math.max(1, Math.ceil(perMinute / 60));
  }

  /** Answers at once while there are tokens here. */
  take(bucket: string): Taken | Promise<Taken> {
    if (this.perMinute === 0) return { ok: true, remaining: 0 };
    const slice = this.#sliceOf(bucket);
    if (slice.tokens < 1) return this.#takeAfterLease(bucket, slice);
    if (slice.tokens - 1 < this.#slice / 2) void this.#renew(bucket, slice);
    return spend(slice);
  }

  /** Every turn leases for all who wait, so one that finds nothing again has met a bucket that is empty. */
  async #takeAfterLease(bucket: string, slice: Slice): Promise<Taken> {
    slice.waiting += 1;
    try {
      while (slice.tokens < 1) {
        const now = this.#now();
        if (now < slice.awayUntilMs) return this.#takeAlone(bucket, now);
        if (now < slice.emptyUntilMs) return refusal(slice.emptyUntilMs - now);
        await this.#renew(bucket, slice);
      }
      return spend(slice);
    } finally {
      slice.waiting -= 1;
    }
  }

  #takeAlone(bucket: string, now: number): Taken {
    const taken = this.#alone.take(bucket, now);
    return taken.ok ? { ok: true, remaining: 0 } : taken;
  }

  #renew(bucket: string, slice: Slice): Promise<void> {
    slice.leasing ??= this.#leaseNow(bucket, slice).finally(() => (slice.leasing = undefined));
    return slice.leasing;
  }

  async #leaseNow(bucket: string, slice: Slice): Promise<void> {
    const now = this.#now();
    if (now < slice.awayUntilMs || now < slice.emptyUntilMs) return;
    const want = this.#slice + slice.waiting;
    try {
      const { granted, left } = await this.#lease({ bucket, perMinute: this.perMinute, want });
      slice.tokens += granted;
      slice.left = left;
      if (granted < 1) slice.emptyUntilMs = this.#now() + ((1 - Math.min(left, 1)) * 60_000) / this.perMinute;
    } catch {
      slice.awayUntilMs = this.#now() + AWAY_MS;
    }
  }

  /**
   * The bucket's slice, moved to the young end of the map; the one that was silent longest makes room. While there is plenty of
   * room the order is nobody's concern: whoever asks at all has moved by the time there is not.
   */
  #sliceOf(bucket: string): Slice {
    const known = this.#slices.get(bucket);
    if (known !== undefined && this.#slices.size < MAX_BUCKETS / 2) return known;
    const slice = known ?? { tokens: 0, left: 0, waiting: 0, leasing: undefined, emptyUntilMs: 0, awayUntilMs: 0 };
    if (known) this.#slices.delete(bucket);
    this.#slices.set(bucket, slice);
    if (this.#slices.size > MAX_BUCKETS) this.#slices.delete(this.#slices.keys().next().value!);
    return slice;
  }
}

function spend(slice: Slice): Taken {
  slice.tokens -= 1;
  return { ok: true, remaining: Math.floor(slice.tokens + slice.left) };
}

function refusal(waitMs: number): Taken {
  return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) };
}
