import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { closeGateways, send, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ natsUrl: testBackends().natsUrl, namespace: freshNamespace() });
});
afterAll(closeGateways);

const as = (key: string) => ({ authorization: `Bearer ${key}` });

describe('A key that is limited', () => {
  it('sends for its agent, named or not, and for no other', async () => {
    const event = { type: 'x', run: 'r' };
    const statusOf = async (body: object) => (await send(gateway, '/v1/events', body, as('key-limited'))).status;
    expect(await statusOf({ ...event, id: '1', agent: 'a' })).toBe(202);
    expect(await statusOf({ ...event, id: '2' })).toBe(202);
    expect(await statusOf({ ...event, id: '3', agent: 'b' })).toBe(403);
    // One foreign event refuses the batch, before any of it is stored.
    expect(
      await statusOf([
        { ...event, id: '4' },
        { ...event, id: '5', agent: 'b' },
      ]),
    ).toBe(403);
    const vendor = { event_type: 'run_start', sdk_run_id: 'r', agent_name: 'b', payload: {} };
    expect((await send(gateway, '/api/ingest', vendor, as('key-limited'))).status).toBe(403);
    expect(await statusOf({ ...event, id: '6' })).toBe(202);
    const logged = await gateway.logged(3);
    expect(logged.map(({ id, agent }) => [id, agent])).toEqual([
      ['1', 'a'],
      ['2', 'a'],
      ['6', 'a'],
    ]);
  });

  it('to several sessions has to name one of them', async () => {
    const event = { type: 'x', run: 'q' };
    const answer = await send(gateway, '/v1/events', event, as('key-limited-to-two'));
    expect(answer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('"s", "t"') } });
    const named = await send(gateway, '/v1/events', { ...event, session: 't' }, as('key-limited-to-two'));
    expect(named.status).toBe(202);
  });
});
