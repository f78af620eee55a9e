import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeasedBuckets, type LeaseTokens } from './leased-buckets.ts';

/** One shared bucket as the store keeps it, by a clock of the spec's own. */
function store(perMinute: number) {
  const state = { tokens: perMinute, nowMs: 0, leases: 0, away: false };
  const lease: LeaseTokens = ({ want }) => {
    state.leases += 1;
    if (state.away) return Promise.reject(new Error('away'));
    const granted = Math.floor(Math.min(want, state.tokens));
    state.tokens -= granted;
    return Promise.resolve({ granted, left: state.tokens });
  };
  const pass = (ms: number): void => {
    state.nowMs += ms;
    state.tokens = Math.min(perMinute, state.tokens + (ms * perMinute) / 60_000);
  };
  return { state, lease, pass, replica: () => new LeasedBuckets(perMinute, lease, () => state.nowMs) };
}

async function takeAtOnce(replica: LeasedBuckets, times: number): Promise<number> {
  const taken = await Promise.all(Array.from({ length: times }, async () => replica.take('a')));
  return taken.filter(({ ok }) => ok).length;
}

describe('replicas that share a bucket', () => {
  it('let through what it holds, all together, and no request of a burst is refused before that', async () => {
    const { replica } = store(120);
    const replicas = [replica(), replica(), replica()];
    const passed = await Promise.all(replicas.map((one) => takeAtOnce(one, 30)));
    expect(passed).toEqual([30, 30, 30]);
    const more = await Promise.all(replicas.map((one) => takeAtOnce(one, 100)));
    expect(more.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(30);
  });

  it('never let more through than the bucket and what flowed in, whoever asks when', async () => {
    const steps = fc.array(fc.record({ replica: fc.nat(2), times: fc.nat(40), ms: fc.nat(3_000) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), steps, async (perMinute, script) => {
        const shared = store(perMinute);
        const replicas = [shared.replica(), shared.replica(), shared.replica()];
        let passed = 0;
        for (const { replica, times, ms } of script) {
          passed += await takeAtOnce(replicas[replica]!, times);
          shared.pass(ms);
        }
        expect(passed).toBeLessThanOrEqual(perMinute + (shared.state.nowMs * perMinute) / 60_000 + 1e-6);
      }),
    );
  });
});

describe('a replica', () => {
  it('leases ahead: a steady sender never waits', async () => {
    const { state, pass, replica } = store(6_000);
    const one = replica();
    await one.take('a');
    let waited = 0;
    for (let sent = 0; sent < 1_000; sent += 1) {
      const taken = one.take('a');
      if (taken instanceof Promise) waited += 1;
      await Promise.resolve();
      pass(10);
    }
    expect(waited).toBe(0);
    expect(state.leases).toBeLessThan(50);
  });

  it('says when to come again, and lets it through then', async () => {
    const { pass, replica } = store(10);
    const one = replica();
    expect(await takeAtOnce(one, 11)).toBe(10);
    expect(await one.take('a')).toEqual({ ok: false, retryAfterSeconds: 6 });
    pass(6_000);
    expect((await one.take('a')).ok).toBe(true);
  });

  it('goes by the whole limit alone while the store is away, and shares again when it is back', async () => {
    const { state, pass, replica } = store(5);
    const one = replica();
    state.away = true;
    expect(await takeAtOnce(one, 20)).toBe(5);
    state.away = false;
    pass(1_000);
    expect(await takeAtOnce(one, 20)).toBe(5);
    expect(state.tokens).toBeLessThan(1);
  });

  it('lets everything through at 0, without a store', async () => {
    const free = new LeasedBuckets(0, () => Promise.reject(new Error('never asked')));
    expect(await takeAtOnce(free, 1_000)).toBe(1_000);
  });
});
