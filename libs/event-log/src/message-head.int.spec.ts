import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { headersOf } from './message-head.ts';

let connection: NatsConnection;

beforeAll(async () => {
  connection = await connect({ servers: testBackends().natsUrl });
});
afterAll(() => connection.close());

/** What the client makes of messages that really came over the network. */
async function received(payload: Uint8Array, all: Readonly<Record<string, string>>): Promise<Msg> {
  const subject = freshNamespace();
  const subscription = connection.subscribe(subject, { max: 1 });
  const sent = headers();
  for (const [name, value] of Object.entries(all)) sent.set(name, value);
  connection.publish(subject, payload, { headers: sent });
  for await (const message of subscription) return message;
  throw new Error('nothing came');
}

/** The same message for a reader that may not ask the client for its headers. */
function withoutMap(message: Msg): Msg {
  return new Proxy(message, {
    get: (target, name) => {
      if (name === 'headers') throw new Error('the map of headers was made');
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('the head of a message', () => {
  it('is read from beside the payload, and says what the map of the client says', async () => {
    const value = fc.stringMatching(/^[ -~]{0,60}$/).map((text) => text.trim());
    const all = fc.record({ 'Nats-Sequence': value, 'Nats-Last-Sequence': value, traceparent: value });
    const bytes = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(all, bytes, async (given, payload) => {
        const message = await received(payload, given);
        const header = headersOf(withoutMap(message))!;
        for (const name of ['Nats-Sequence', 'Nats-Last-Sequence', 'traceparent', 'Nats-Subject'])
          expect(header(name)).toBe(message.headers!.get(name));
      }),
      { numRuns: 50 },
    );
  });

  it('is found when the message came in many pieces', async () => {
    const message = await received(new Uint8Array(300_000), { 'Nats-Sequence': '7' });
    expect(headersOf(withoutMap(message))!('Nats-Sequence')).toBe('7');
  });

  it('is asked of the client where a payload stands elsewhere', async () => {
    const message = await received(new Uint8Array([1, 2]), { 'Nats-Sequence': '7' });
    const moved = Object.create(message, { data: { value: Uint8Array.from([1, 2]) } }) as Msg;
    expect(headersOf(moved)!('Nats-Sequence')).toBe('7');
  });

  it('is none where the message carries a status', async () => {
    // The server itself says 503 to a request that nobody takes.
    const reply = freshNamespace();
    const subscription = connection.subscribe(reply, { max: 1 });
    connection.publish(freshNamespace(), '', { reply });
    for await (const message of subscription) {
      expect(message.headers!.code).toBe(503);
      expect(headersOf(message)).toBeUndefined();
    }
  });
});
