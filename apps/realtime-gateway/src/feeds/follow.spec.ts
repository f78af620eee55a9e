import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { feedInto, type FeedBatch, type FeedReader } from './follow.ts';
import type { FeedEvent, FeedPage, Topic } from './topic.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const PAGES = 3;

/** A topic of which nothing is in memory: a page for each sequence, of which only the weak references are kept here. */
function topicInLog() {
  const listeners = new Set<unknown>();
  const pages: WeakRef<object>[] = [];
  const readAfter = (after: number): Promise<FeedPage> => {
    const event = { id: `e${after}` } as FeedEvent;
    pages.push(new WeakRef(event));
    return Promise.resolve({ events: [event], upTo: after + 1 });
  };
  const topic: Pick<Topic, 'tail' | 'recentAfter' | 'readAfter' | 'onAdvance'> = {
    tail: PAGES,
    recentAfter: (sequence) => (sequence >= PAGES ? { events: [], upTo: PAGES } : undefined),
    readAfter,
    onAdvance: (listener) => (listeners.add(listener), () => void listeners.delete(listener)),
  };
  return { topic: topic as Topic, pages, isLive: () => listeners.size > 0 };
}

type TopicInLog = ReturnType<typeof topicInLog>;

/** Starts a reader; resolves to how to stop it. */
function start({ topic }: TopicInLog, take: FeedReader['take']): () => Promise<void> {
  const stop = new AbortController();
  const stops = { signal: stop.signal, replaced: new AbortController().signal };
  const fed = feedInto({ done: false, wakeAfterMs: undefined, take }, topic, 0, stops);
  return () => {
    stop.abort();
    return fed;
  };
}

/** Which pages somebody still holds, once the collector has been by. */
async function held({ pages }: TopicInLog): Promise<number[]> {
  // A weak reference that was just made, or looked at, holds on to the end of its turn.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return pages.flatMap((page, index) => (page.deref() === undefined ? [] : [index]));
}

/** Resolves when nothing is held but, at most, these. */
function whenOnlyHeld(at: TopicInLog, allowed: readonly number[]): Promise<boolean> {
  let found: number[] = [];
  const only = async () => (found = await held(at)).every((page) => allowed.includes(page));
  return waitFor(only, { describe: () => `only pages [${String(allowed)}] to be held; held are [${String(found)}]` });
}

describe('A reader', () => {
  it('that is live holds no page of its replay', async () => {
    const at = topicInLog();
    const stop = start(at, () => undefined);
    await waitFor(at.isLive, { describe: 'the reader to be live' });
    expect(at.pages).toHaveLength(PAGES);
    await whenOnlyHeld(at, []);
    expect(at.isLive()).toBe(true);
    await stop();
  });

  it('that has no room holds nothing but what it was given', async () => {
    const at = topicInLog();
    const room = Promise.withResolvers<void>();
    const stop = start(at, () => room.promise);
    // The second was asked for while the first was written.
    await waitFor(() => at.pages.length === 2, { describe: 'the page ahead' });
    await whenOnlyHeld(at, [0]);
    room.resolve();
    await waitFor(at.isLive, { describe: 'the reader to go on' });
    await stop();
  });

  it('control: that keeps what it is given is seen to', async () => {
    const at = topicInLog();
    const kept: FeedBatch[] = [];
    const stop = start(at, (batch) => void kept.push(batch));
    await waitFor(at.isLive, { describe: 'the reader to be live' });
    expect(await held(at)).toEqual([0, 1, 2]);
    expect(kept).toHaveLength(PAGES);
    await stop();
  });
});
