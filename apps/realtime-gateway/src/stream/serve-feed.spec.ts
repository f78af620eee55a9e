import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent, RunEnding } from '@runcast/run-events';
import { Advances, type OnAdvance } from '../feeds/advances.ts';
import type { Topic } from '../feeds/topic.ts';
import type { EncodedBurst } from './encoded-burst.ts';
import {
  serveFeed,
  type Control,
  type EndingInTables,
  type FeedClient,
  type FeedRequest,
  type OpenFeed,
} from './serve-feed.ts';

const KEY = { kind: 'run', tenant: 't', run: 'r' } as const;
const viewer = { tenant: 't', keyId: 'k', scopes: ['read'] };
const request = (token: string): FeedRequest => ({
  key: KEY,
  viewer,
  dialect: 'runcast',
  filter: {},
  token,
  follow: false,
});

function event(sequence: number, type: string, minute = sequence): RecordedEvent {
  const position = { shard: 0, epoch: 'e', sequence };
  const time = `2026-01-01T00:0${minute}:00.000000Z`;
  return {
    ...KEY,
    id: `e${sequence}`,
    type,
    level: 'info',
    dialect: 'runcast',
    occurredAt: time,
    receivedAt: time,
    data: {},
    raw: '{}',
    position,
  };
}

/** A topic that learns of events when the test says so. */
function topicAt(tail: number): Topic & { learn(...events: RecordedEvent[]): void } {
  const known: RecordedEvent[] = [];
  const advances = new Advances();
  advances.beginAt(tail);
  const topic = {
    tail,
    verifiedUpTo: tail,
    open: () => Promise.resolve(),
    recentAfter: (after: number) => ({
      events: known.filter(({ position }) => position.sequence > after),
      upTo: topic.tail,
    }),
    readAfter: (after: number) => Promise.resolve(topic.recentAfter(after)),
    onAdvance: (listener: OnAdvance) => advances.add(listener),
    subjects: () => [],
    missed: () => undefined,
    forget: () => undefined,
    close: () => undefined,
    learn: (...events: RecordedEvent[]) => {
      known.push(...events);
      topic.tail = events.at(-1)!.position.sequence;
      advances.push(events, topic.tail);
    },
  };
  return topic;
}

function openAfter(topic: Topic, after: number): OpenFeed {
  const lease = { topic, replaced: new AbortController().signal, release: () => undefined };
  return { lease, start: { after }, finished: false };
}

function recordingClient(): FeedClient & { shown: string[] } {
  const shown: string[] = [];
  return {
    shown,
    send: ({ events }: EncodedBurst) => {
      shown.push(...events.map(({ position }) => position));
      return undefined;
    },
    control: (control: Control) => {
      shown.push(control.control);
      return Promise.resolve();
    },
  };
}

describe('a client that resumed in the middle of a run', () => {
  /** What the tables say of a run whose last event is `lastSequence`. */
  const OVER: RunEnding = { end: 'over', startSeen: true };
  const tables =
    (lastSequence: number, ending = OVER) =>
    (_tenant: string, _run: string, upTo: number) =>
      Promise.resolve(lastSequence <= upTo ? ending : undefined);

  it('is shown the end that the tables know of before the topic does', async () => {
    const topic = topicAt(3);
    const client = recordingClient();
    const asked: number[] = [];
    const endingInTables: EndingInTables = (tenant, run, upTo) => {
      asked.push(upTo);
      // The live messages arrive only after the tables were asked.
      setImmediate(() => topic.tail === 3 && topic.learn(event(4, 'step.started'), event(5, 'run.completed')));
      return tables(5)(tenant, run, upTo);
    };
    const stop = new AbortController();
    const served = serveFeed(openAfter(topic, 3), request('0.e.3'), client, stop.signal, endingInTables);
    await expect(served).resolves.toBe('ended');
    expect(asked[0]).toBe(3);
    expect(client.shown).toEqual(['0.e.4', '0.e.5', 'end']);
  });

  it('is sent away when it holds all of a run that is over', async () => {
    const client = recordingClient();
    const stop = new AbortController();
    const served = serveFeed(openAfter(topicAt(5), 5), request('0.e.5'), client, stop.signal, tables(5));
    await expect(served).resolves.toBe('ended');
    expect(client.shown).toEqual(['end']);
  });

  it('is sent away when the tables, which lagged behind the log, have come to its end', async () => {
    let answers = 0;
    const lagging: EndingInTables = () => Promise.resolve((answers += 1) < 2 ? undefined : OVER);
    const client = recordingClient();
    const { signal } = new AbortController();
    await expect(serveFeed(openAfter(topicAt(5), 5), request('0.e.5'), client, signal, lagging)).resolves.toBe('ended');
    expect([client.shown, answers]).toEqual([['end'], 2]);
  });

  it('learns from the tables once that the run goes on, and then follows it alone', async () => {
    const topic = topicAt(3);
    let asked = 0;
    const going: EndingInTables = () => {
      asked += 1;
      setImmediate(() => topic.learn(event(4, 'step.started')));
      setImmediate(() => setImmediate(() => topic.learn(event(5, 'run.completed'), event(6, 'run.started', 1))));
      return Promise.resolve({ end: 'running', startSeen: false });
    };
    const client = recordingClient();
    const { signal } = new AbortController();
    await expect(serveFeed(openAfter(topic, 3), request('0.e.3'), client, signal, going)).resolves.toBe('ended');
    expect([client.shown.at(-1), asked]).toEqual(['end', 1]);
  });
});

describe('a client that watched a run from its start', () => {
  const never: EndingInTables = () => Promise.reject(new Error('asked for what the feed itself says'));

  it('is told the end although the start of the run arrives after it', async () => {
    const topic = topicAt(0);
    topic.learn(event(1, 'step.started', 2), event(2, 'run.completed', 3), event(3, 'run.started', 1));
    const client = recordingClient();
    const { signal } = new AbortController();
    await expect(serveFeed(openAfter(topic, 0), request(''), client, signal, never)).resolves.toBe('ended');
    expect(client.shown).toEqual(['0.e.1', '0.e.2', '0.e.3', 'end']);
  });

  it('goes on watching when a new attempt follows the end', async () => {
    const topic = topicAt(0);
    topic.learn(event(1, 'run.completed', 1), event(2, 'run.started', 2));
    const client = recordingClient();
    const stop = new AbortController();
    const served = serveFeed(openAfter(topic, 0), request(''), client, stop.signal, never);
    setImmediate(() => topic.learn(event(3, 'run.completed', 3)));
    await expect(served).resolves.toBe('ended');
    expect(client.shown).toEqual(['0.e.1', '0.e.2', '0.e.3', 'end']);
  });
});
