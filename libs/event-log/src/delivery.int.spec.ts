import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { deliveryOf } from './delivery.ts';

let connection: NatsConnection;

beforeAll(async () => {
  connection = await connect({ servers: testBackends().natsUrl });
});
afterAll(() => connection.close());

describe('What the server says of a message that it delivers', () => {
  it('is read as the client reads it', async () => {
    const name = freshNamespace();
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name, subjects: [name] });
    const client = jetstream(connection);
    for (let left = 12; left > 0; left -= 1) await client.publish(name);
    // From the third on: sequence and count are told apart.
    await manager.consumers.add(name, {
      durable_name: 'c',
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: 3,
    });
    const messages: JsMsg[] = [];
    for await (const message of await (await client.consumers.get(name, 'c')).fetch({ max_messages: 10 })) {
      messages.push(message);
    }
    expect(messages.map(deliveryOf)).toEqual(
      messages.map(({ info, timestampNanos }) => ({
        sequence: info.streamSequence,
        count: info.deliverySequence,
        storedAtNanos: String(timestampNanos),
      })),
    );
    expect(deliveryOf(messages[9]!)).toMatchObject({ sequence: 12, count: 10 });
    await manager.streams.delete(name);
  });
});
