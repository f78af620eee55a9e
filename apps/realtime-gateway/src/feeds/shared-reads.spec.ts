import { describe, expect, it } from '@jest/globals';
import { SharedReads, type ReadPage } from './shared-reads.ts';

/** Pages of ten sequences, and how often somebody had to read one. */
function aLog(reach = 10): { fetch: (after: number) => () => Promise<ReadPage>; reads: number[] } {
  const reads: number[] = [];
  const fetch = (after: number) => () => {
    reads.push(after);
    return Promise.resolve({ page: { events: [], upTo: after + reach } });
  };
  return { fetch, reads };
}

describe('shared reads', () => {
  it('read a page once for everybody who asks while it is read and soon after', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    const [one, other] = await Promise.all([shared.read('run', 5, fetch(5)), shared.read('run', 5, fetch(5))]);
    const later = await shared.read('run', 5, fetch(5));
    expect(reads).toEqual([5]);
    expect(other).toBe(one);
    expect(later).toBe(one);
  });

  it('tell the pages of other feeds and other positions apart', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    for (const [feed, after] of [
      ['run', 5],
      ['run', 55],
      ['other', 5],
    ] as const)
      await shared.read(feed, after, fetch(after));
    expect(reads).toEqual([5, 55, 5]);
  });

  it('ask again where nothing was found, since a replica may lag or more may have come', async () => {
    const { fetch, reads } = aLog(0);
    const shared = new SharedReads();
    await shared.read('run', 5, fetch(5));
    await shared.read('run', 5, fetch(5));
    expect(reads).toEqual([5, 5]);
  });

  it('ask again after a fault', async () => {
    const shared = new SharedReads();
    await expect(shared.read('run', 5, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    const { fetch } = aLog();
    expect(await shared.read('run', 5, fetch(5))).toEqual({ events: [], upTo: 15 });
  });

  it('keep a page through one sweep and not through two', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    await shared.read('run', 5, fetch(5));
    shared.sweep();
    await shared.read('run', 5, fetch(5));
    expect(reads).toEqual([5]);
    shared.sweep();
    await shared.read('run', 5, fetch(5));
    expect(reads).toEqual([5, 5]);
  });

  it('keep no page that was asked for before something was erased, also one that is still being read', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    await shared.read('run', 5, fetch(5));
    const underWay = shared.read('run', 15, fetch(15));
    shared.forget();
    await underWay;
    await shared.read('run', 5, fetch(5));
    await shared.read('run', 15, fetch(15));
    expect(reads).toEqual([5, 15, 5, 15]);
  });

  it('keep what follows a page as it comes, for whoever asks for that next', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    const third = Promise.resolve({ page: { events: [], upTo: 35 } });
    const second = Promise.resolve({ page: { events: [], upTo: 25 }, next: third });
    const first = await shared.read('run', 5, () => Promise.resolve({ page: { events: [], upTo: 15 }, next: second }));
    // Whoever waits with a page in its hands holds no other.
    expect(first).toEqual({ events: [], upTo: 15 });
    expect(await shared.read('run', 15, fetch(15))).toEqual({ events: [], upTo: 25 });
    expect(await shared.read('run', 25, fetch(25))).toEqual({ events: [], upTo: 35 });
    expect(reads).toEqual([]);
  });

  it('ask for what follows where it did not come', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    const second = Promise.reject(new Error('away'));
    await shared.read('run', 5, () => Promise.resolve({ page: { events: [], upTo: 15 }, next: second }));
    await shared.read('run', 15, fetch(15)).catch(() => undefined);
    expect(await shared.read('run', 15, fetch(15))).toEqual({ events: [], upTo: 25 });
    expect(reads).toEqual([15]);
  });

  it('keep nothing of what follows a page that was let go of, since something in it may have been erased', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads();
    const second = Promise.resolve({ page: { events: [], upTo: 25 } });
    const first = shared.read('run', 5, () => Promise.resolve({ page: { events: [], upTo: 15 }, next: second }));
    shared.forget();
    await first;
    await shared.read('run', 15, fetch(15));
    expect(reads).toEqual([15]);
  });

  it('keep at most two generations of pages, the newest', async () => {
    const { fetch, reads } = aLog();
    const shared = new SharedReads(3);
    for (let after = 0; after < 10; after += 1) await shared.read('run', after, fetch(after));
    reads.length = 0;
    for (let after = 9; after >= 0; after -= 1) await shared.read('run', after, fetch(after));
    expect(reads).toContain(0);
    expect(reads).not.toContain(9);
    expect(reads.length).toBeGreaterThanOrEqual(4);
  });
});
