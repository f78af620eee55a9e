import { describe, expect, it } from '@jest/globals';
import { Metrics } from '@runcast/service-host';
import { timestampFromMs } from '@runcast/run-events';
import type { FeedBatch } from '../feeds/follow.ts';
import { FeedMetrics, ServedFeed } from './feed-metrics.ts';

const NOW = Date.parse('2026-01-01T00:00:10Z');

function batch(caughtUp: boolean, ...agesMs: number[]): FeedBatch {
  const events = agesMs.map((age) => ({ receivedAt: timestampFromMs(NOW - age) }));
  return { caughtUp, events: events as unknown as FeedBatch['events'] };
}

/** A feed whose counts are kept as words. */
function served() {
  const told: string[] = [];
  const states = { replaying: 1, live: 0 };
  const counts = {
    replayed: (why: string) => told.push(`replay ${why}`),
    delivered: (events: number) => told.push(`${events} delivered`),
    trace: (_events: unknown, write: () => Promise<void>) => write(),
    delayed: (events: FeedBatch['events']) => told.push(`delay of ${events.length}`),
  };
  return { told, states, feed: new ServedFeed(states, counts) };
}

const written = (): Promise<void> => Promise.resolve();

describe('A served feed', () => {
  it('says nothing of the delay of events that were there before anybody asked', async () => {
    const { feed, told, states } = served();
    await feed.send(batch(false, 9_000, 8_000), written);
    expect(states).toEqual({ replaying: 1, live: 0 });
    await feed.send(batch(true, 7_000), written);
    expect(told).toEqual(['replay opened', '2 delivered', '1 delivered']);
    expect(states).toEqual({ replaying: 0, live: 1 });
  });

  it('tells the delay of each write once it is live', async () => {
    const { feed, told } = served();
    await feed.send(batch(true), written);
    await feed.send(batch(true, 12, 3), written);
    expect(told).toEqual(['0 delivered', '2 delivered', 'delay of 2']);
  });

  it('replays again when its client falls behind', async () => {
    const { feed, told, states } = served();
    await feed.send(batch(true), written);
    await feed.send(batch(false, 5_000), written);
    expect(told).toContain('replay fell-behind');
    expect(states).toEqual({ replaying: 1, live: 0 });
  });

  it('counts nothing as delivered that was not written', async () => {
    const { feed, told, states } = served();
    await expect(feed.send(batch(true, 5), () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    feed.close();
    expect(told).toEqual(['replay opened']);
    expect(states).toEqual({ replaying: 0, live: 0 });
  });
});

it('every series of a gateway is known before its first client', async () => {
  const metrics = new Metrics();
  const feeds = new FeedMetrics(metrics);
  const known = (text: string): string[] => text.split('\n').map((line) => line.slice(0, line.lastIndexOf(' ')));
  const before = new Set(known(await metrics.registry.metrics()));
  feeds.serving('sse', 'zihin', { after: 3 }).close();
  feeds.closed('websocket', 'slow-reader');
  feeds.gap('tail-check');
  feeds.commanded('busy');
  expect(known(await metrics.registry.metrics()).filter((series) => !before.has(series))).toEqual([]);
});
