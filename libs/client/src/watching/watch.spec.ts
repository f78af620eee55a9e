import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { RecordingGateway } from '../testing/index.ts';
import {
  watchFrames,
  watchRun,
  watchSession,
  type FeedReset,
  type Watch,
  type WatchedFrame,
  type WatchOptions,
} from './watch.ts';

let gateway: RecordingGateway;

beforeEach(async () => {
  gateway = await RecordingGateway.start();
});
afterEach(() => gateway.stop());

/** Each connection gets the next of these; its frames are written and the connection is closed, unless left open. */
function serve(...connections: ((response: ServerResponse) => void)[]): void {
  gateway.answer = (_request, response) => {
    connections.shift()!(response);
    return 'answered';
  };
}

function feed(...frames: string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of frames) response.write(frame);
    response.end();
  };
}

function broken(...frames: string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames.join(''), () => response.destroy());
  };
}

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end('no');
const event = (sequence: number) =>
  `id: 0.e.${sequence}\ndata: {"type":"run.heartbeat","run":"r","id":"i${sequence}","occurred_at":"","data":{}}\n\n`;
const END = 'event: end\ndata: {"position":"0.e.3"}\n\n';
const watch = (options: WatchOptions = {}): Watch =>
  watchRun({ url: gateway.url, apiKey: 'key' }, 'r/1', { backoff: { firstMs: 1, maxMs: 2 }, ...options });

async function collect(feedOfRun: Watch) {
  const positions: string[] = [];
  for (;;) {
    const next = await feedOfRun.next();
    if (next.done) return { positions, end: next.value };
    positions.push(next.value.position);
  }
}
const askedAfter = () => gateway.requests.map(({ headers }) => headers['last-event-id']);

describe('watching a run', () => {
  it('yields its events with their positions until the run ends', async () => {
    serve(feed(': hello\n\n', event(1), event(3), END));
    expect(await collect(watch())).toEqual({
      positions: ['0.e.1', '0.e.3'],
      end: { position: '0.e.3' },
    });
    expect(gateway.requests[0]).toMatchObject({
      path: '/v1/runs/r%2F1/stream',
      headers: { authorization: 'Bearer key', accept: 'text/event-stream' },
    });
  });

  it('goes on behind the last event after every kind of interruption', async () => {
    serve(feed(event(1)), broken(event(2), 'id: 0.e.9\ndata: {"half'), status(503), status(429), feed(event(3), END));
    expect((await collect(watch())).positions).toEqual(['0.e.1', '0.e.2', '0.e.3']);
    expect(askedAfter()).toEqual([undefined, '0.e.1', '0.e.2', '0.e.2', '0.e.2']);
  });

  it('begins behind the position it is given', async () => {
    serve(feed(event(3), END));
    await collect(watch({ after: '0.e.2' }));
    expect(askedAfter()).toEqual(['0.e.2']);
  });

  it('ends when nothing follows the position of a run that is over', async () => {
    serve(status(204));
    expect(await collect(watch({ after: '0.e.3' }))).toEqual({ positions: [], end: { position: '0.e.3' } });
  });

  it('tells of a reset and starts from the beginning, also over a lost connection', async () => {
    const resets: FeedReset[] = [];
    const reset = 'event: reset\ndata: {"reason":"other-epoch"}\n\n';
    serve(broken(reset), feed(event(1), END));
    const watched = await collect(watch({ after: '0.old.9', onReset: (each) => resets.push(each) }));
    expect(watched.positions).toEqual(['0.e.1']);
    expect(resets).toEqual([{ reason: 'other-epoch' }]);
    expect(askedAfter()).toEqual(['0.old.9', undefined]);
  });

  it.each([400, 401, 403, 404])(
    'throws when the gateway answers %i, since trying again would not help',
    async (code) => {
      serve(status(code));
      await expect(collect(watch())).rejects.toMatchObject({ name: 'WatchError', code: 'refused', status: code });
    },
  );

  it('throws on an event without a position, which could never be resumed behind', async () => {
    serve(feed('data: {}\n\n'));
    await expect(collect(watch())).rejects.toMatchObject({ code: 'malformed' });
  });

  it('waits as long as the stream asks before it comes back', async () => {
    const delays: number[] = [];
    serve(feed('retry: 40\n\n'), feed(END));
    await collect(
      watch({
        backoff: { firstMs: 1, maxMs: 100 },
        random: () => 1,
        onReconnect: ({ delayMs }) => delays.push(delayMs),
      }),
    );
    expect(delays).toEqual([40]);
  });

  it('takes a feed without heartbeats for dead and comes back', async () => {
    serve((response) => void response.writeHead(200).write(event(1)), feed(event(2), END));
    const connection = { url: gateway.url, silenceMs: 500 };
    const watched = await collect(watchRun(connection, 'r', { backoff: { firstMs: 1, maxMs: 2 } }));
    expect(watched.positions).toEqual(['0.e.1', '0.e.2']);
  });

  it('stays with a feed that has nothing to say but its heartbeats', async () => {
    const reconnects: unknown[] = [];
    serve((response) => {
      response.writeHead(200);
      let beats = 0;
      const heart = setInterval(() => {
        beats += 1;
        if (beats < 25) return response.write(': still here\n\n');
        clearInterval(heart);
        return response.end(END);
      }, 20);
    });
    const connection = { url: gateway.url, silenceMs: 400 };
    await collect(watchRun(connection, 'r', { onReconnect: (each) => reconnects.push(each) }));
    expect(reconnects).toEqual([]);
  });

  it('ends quietly when it is aborted', async () => {
    const stop = new AbortController();
    serve((response) => void response.writeHead(200).write(event(1)));
    const watching = watch({ signal: stop.signal });
    await watching.next();
    stop.abort();
    expect(await watching.next()).toEqual({ done: true, value: undefined });
  });

  it('closes its connection when the reader leaves the loop', async () => {
    const closed = new Promise<void>((resolve) => {
      serve((response) => {
        response.once('close', resolve);
        response.writeHead(200).write(event(1));
      });
    });
    for await (const each of watch()) {
      expect(each.id).toBe('i1');
      break;
    }
    await closed;
  });
});

it('follows a run beyond its end when it is told to', async () => {
  serve(feed(event(1), END));
  await collect(watch({ follow: true }));
  expect(gateway.requests[0]?.path).toBe('/v1/runs/r%2F1/stream?follow=true');
});

it('watches a session under its own path', async () => {
  serve(feed(event(1), 'event: end\ndata: {}\n\n'));
  await collect(watchSession({ url: `${gateway.url}/` }, 's'));
  expect(gateway.requests[0]?.path).toBe('/v1/sessions/s/stream');
});

it('asks for the types and the level that it is told', async () => {
  serve(feed(END));
  await collect(watch({ types: ['tool-call.started', 'run.failed'], level: 'warning', follow: true }));
  expect(gateway.requests[0]!.path).toBe(
    '/v1/runs/r%2F1/stream?follow=true&types=tool-call.started%2Crun.failed&level=warning',
  );
});

describe('watching in the form of a vendor', () => {
  const frames = () =>
    watchFrames({ url: gateway.url }, { run: 'r/1' }, 'zihin', { backoff: { firstMs: 1, maxMs: 2 } });

  it('yields the frames as they are, named or not, and goes on behind the last that had a position', async () => {
    serve(
      broken('event: end\nid: 0.e.1\ndata: {"a":1}\n\n', 'event: tool\ndata: first of two\n\n'),
      feed('event: tool\ndata: first of two\n\n', 'id: 0.e.2\ndata: [DONE]\n\n'),
      status(204),
    );
    const seen: WatchedFrame[] = [];
    for await (const frame of frames()) seen.push(frame);
    expect(seen).toEqual([
      { event: 'end', position: '0.e.1', data: '{"a":1}' },
      { event: 'tool', data: 'first of two' },
      { event: 'tool', data: 'first of two' },
      { position: '0.e.2', data: '[DONE]' },
    ]);
    expect(gateway.requests.map(({ path }) => path)).toEqual(Array(3).fill('/v1/runs/r%2F1/stream?dialect=zihin'));
    expect(askedAfter()).toEqual([undefined, '0.e.1', '0.e.2']);
  });
});
