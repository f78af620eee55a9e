import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingGateway } from '@runcast/client/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { approvalIn, askThroughRuncast, type AskPerson } from './approval.ts';

let gateway: RecordingGateway;
let stop: AbortController;
let askPerson: AskPerson;

beforeEach(async () => {
  gateway = await RecordingGateway.start();
  stop = new AbortController();
  askPerson = askThroughRuncast({
    connection: { url: gateway.url, apiKey: 'k' },
    pause: (ms) => delay(ms, undefined, { signal: stop.signal }).catch(() => undefined),
    stop: stop.signal,
    fetch,
  });
});
afterEach(() => gateway.stop());

/** A feed that holds these events and stays open. */
function feedOf(...events: object[]): void {
  const text = events.map((event, index) => `id: 0.e.${index + 1}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  gateway.answer = ({ path }, response) => {
    if (!path.includes('/stream')) return { status: 202 };
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
    return 'answered';
  };
}

const received = (data: object) => ({ type: 'human-input.received', run: 'r', id: 'a', data });

describe('askThroughRuncast', () => {
  it('hears who answers in the feed of the run, and does not tell it again', async () => {
    feedOf(received({ response: { approved: false, note: 'Too short.' }, respondedBy: 'kim' }));
    expect(await askPerson('r', 60_000)).toEqual({
      approval: { approved: false, note: 'Too short.' },
      respondedBy: 'kim',
      isTold: true,
    });
  });

  it('answers by itself, through Runcast, when nobody does in time', async () => {
    const asking = askPerson('r/1', 0);
    await gateway.until(() => gateway.requests.some(({ method }) => method === 'POST'));
    const post = gateway.requests.find(({ method }) => method === 'POST');
    expect(post?.path).toBe('/v1/runs/r%2F1/input');
    expect(JSON.parse(post!.text)).toMatchObject({ response: { approved: true }, responded_by: 'demo-operator' });
    stop.abort();
    expect(await asking).toMatchObject({ respondedBy: 'demo-operator', isTold: false });
  });

  it('answers at once, without a word to anybody, when it is told to stop', async () => {
    const asking = askPerson('r', 60_000);
    stop.abort();
    expect(await asking).toMatchObject({ respondedBy: 'demo-operator', isTold: false });
    expect(gateway.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

it.each([
  [
    { approved: false, note: 'later' },
    { approved: false, note: 'later' },
  ],
  [{ approved: true, note: '' }, { approved: true }],
  [true, { approved: true }],
  ['yes, go', { approved: true, note: 'yes, go' }],
  ['No, too short', { approved: false, note: 'No, too short' }],
  ['nothing against it', { approved: true, note: 'nothing against it' }],
  [null, { approved: true, note: 'null' }],
])('takes %j for %j', (response, approval) => expect(approvalIn(response)).toEqual(approval));
