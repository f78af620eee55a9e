import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingGateway } from '../testing/index.ts';
import { startRun, type Sender } from './run-scope.ts';

let gateway: RecordingGateway;
beforeEach(async () => {
  gateway = await RecordingGateway.start();
});
afterEach(() => gateway.stop());

/** What stands in the log of the run; `ours` is replaced by the request id of the question that was asked. */
function logHolds(...events: { type: string; data: Record<string, unknown> }[]): Sender {
  let requestId = '';
  gateway.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [index, event] of events.entries()) {
      const text = JSON.stringify({ ...event, run: 'r', id: `e${index}` }).replace('"ours"', `"${requestId}"`);
      response.write(`id: 0.e.${index}\ndata: ${text}\n\n`);
    }
    return 'answered';
  };
  return {
    send: ({ type, data }) => {
      if (type === 'human-input.requested') requestId = (data as { requestId: string }).requestId;
      return 'id';
    },
  };
}

const asked = (requestId: string) => ({ type: 'human-input.requested', data: { question: '?', requestId } });
const answered = (response: unknown, requestId?: string) => ({
  type: 'human-input.received',
  data: { response, ...(requestId !== undefined && { requestId }) },
});
const ask = (client: Sender, signal?: AbortSignal) =>
  startRun(client, { run: 'r' }, (run) =>
    run.humanInput({ question: 'Send it?' }, { feed: { url: gateway.url }, ...(signal && { signal }) }),
  );

describe('An awaited question', () => {
  it('gets the answer that names it, whatever else was answered', async () => {
    const client = logHolds(asked('other'), asked('ours'), answered('no', 'other'), answered({ ok: 1 }, 'ours'));
    expect(await ask(client)).toEqual({ ok: 1 });
    expect(decodeURIComponent(gateway.requests[0]!.path)).toBe(
      '/v1/runs/r/stream?follow=true&types=human-input.requested,human-input.received,run.cancelled',
    );
  });

  it('gets an answer that names no question if it came after it, and none that came before', async () => {
    expect(await ask(logHolds(asked('old'), answered('old'), asked('ours'), answered('new')))).toBe('new');
  });

  it('fails when the run is cancelled, but not by the end of an earlier attempt', async () => {
    const cancelled = { type: 'run.cancelled', data: {} };
    await expect(ask(logHolds(asked('ours'), cancelled))).rejects.toMatchObject({ name: 'HumanInputError' });
    expect(await ask(logHolds(cancelled, asked('ours'), answered('yes')))).toBe('yes');
  });

  it('fails with the reason of its signal', async () => {
    const client = logHolds(asked('ours'));
    const stop = new AbortController();
    const asking = ask(client, stop.signal);
    await gateway.until(() => gateway.requests.length > 0);
    stop.abort(new Error('it took too long'));
    await expect(asking).rejects.toThrow('it took too long');
  });

  it('fails when the gateway refuses the feed for good', async () => {
    gateway.answer = () => ({ status: 403 });
    await expect(ask({ send: () => 'id' })).rejects.toMatchObject({ name: 'WatchError', status: 403 });
  });
});
