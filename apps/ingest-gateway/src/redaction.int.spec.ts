import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, openDatabase, TenantRedactors, type Database } from '@runcast/read-models';
import { redactorIn } from '@runcast/service-host';
import { freshDatabase, freshNamespace, testBackends, waitFor } from '@runcast/test-harness';
import { closeGateways, send, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

const SECRET = `sk-${'a1b2'.repeat(8)}`;
const ADMIN = { authorization: 'Bearer key-admin' };

let gateway: GatewayUnderTest;
let other: GatewayUnderTest;
let database: Database;
const rings: TenantRedactors[] = [];
beforeAll(async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  const settings = { natsUrl: testBackends().natsUrl, namespace: freshNamespace(), database };
  for (let replica = 0; replica < 2; replica += 1) rings.push(await TenantRedactors.start({ database, pollMs: 25 }));
  [gateway, other] = (await Promise.all(
    [rings[0]!, rings[1]!].map((ring) => startGateway({ ...settings, redactorOf: redactorIn(ring) })),
  )) as [GatewayUnderTest, GatewayUnderTest];
});
afterAll(async () => {
  for (const ring of rings) await ring.stop();
  await closeGateways();
  await database.end();
});

describe('an event with a secret', () => {
  it('is stored without it, says where it was, and is a repeat when it comes again', async () => {
    const data = { output: `use ${SECRET}`, headers: { Authorization: 'Basic dXNlcjpwYXNz' }, big: 1 };
    const event = { type: 'note.taken', run: 'r1', occurred_at: '2026-11-21T10:00:00Z', data };
    const text = JSON.stringify(event).replace('"big":1', '"big":12345678901234567890');
    const first = await send(gateway, '/v1/events', text);
    const again = await send(other, '/v1/events', text);
    expect(first).toMatchObject({ status: 202, body: { duplicate: false } });
    expect(again).toMatchObject({ status: 202, body: { duplicate: true, event_id: first.body['event_id'] } });
    const [stored] = await gateway.logged(1);
    expect(stored).toMatchObject({
      redacted: ['data.output', 'data.headers.Authorization'],
      data: { output: 'use [redacted:api-key]', headers: { Authorization: '[redacted:field]' } },
    });
    expect(stored!.raw).toContain('12345678901234567890');
    expect(JSON.stringify(stored)).not.toContain(SECRET);
  });

  it.each([
    ['run', '/v1/events', { type: 'note.taken', run: SECRET }],
    ['id', '/v1/events', { type: 'note.taken', run: 'r2', id: `Bearer ${SECRET}` }],
    ['type', '/v1/events', { type: SECRET, run: 'r2' }],
    ['session', `/v1/events?session=${SECRET}`, { type: 'note.taken', run: 'r2' }],
  ])('is refused when it is its %s', async (field, path, event) => {
    const { status, body } = await send(gateway, path, event);
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_event', errors: [{ field }] } });
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });

  it('is not quoted when it is refused, not even when it is no JSON', async () => {
    const wrong = { type: 'run.completed', run: 'r2', data: { usage: 'plainsecret', durationMs: 'plainsecret' } };
    for (const body of [JSON.stringify(wrong), '{"type":"x","run":plainsecret}', '{"plainsecret', '"plainsecret"']) {
      const answer = await send(gateway, '/v1/events', body);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain('plainsecret');
    }
  });
});

describe('the rules of a tenant', () => {
  it('hold on every replica once they are set', async () => {
    const event = { event: { national_id: 'x' } };
    const rules = { names: ['national id'] };
    const set = await fetch(`${gateway.url}/v1/redaction/rules`, {
      method: 'PUT',
      headers: { ...ADMIN, 'content-type': 'application/json' },
      body: JSON.stringify(rules),
    });
    expect({ status: set.status, body: await set.json() }).toMatchObject({ status: 200, body: { rules } });
    for (const replica of [gateway, other]) {
      const isApplied = async () => (await send(replica, '/v1/redaction/preview', event)).body['redacted'];
      await waitFor(async () => JSON.stringify(await isApplied()) === '["national_id"]', { describe: 'the new rules' });
    }
    const read = await fetch(`${other.url}/v1/redaction/rules`, { headers: ADMIN });
    expect(await read.json()).toMatchObject({ rules, changed_at: expect.any(String) as unknown });
    const foreign = await send(gateway, '/v1/redaction/preview', event, { authorization: 'Bearer key-rival' });
    expect(foreign.body).toEqual({ event: { national_id: 'x' }, redacted: [] });
  });

  it('are for the scope admin only, and refused by the name of what is wrong', async () => {
    const put = (headers: Record<string, string>, body: string) =>
      fetch(`${gateway.url}/v1/redaction/rules`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    expect((await put({ authorization: 'Bearer key-acme' }, '{}')).status).toBe(403);
    const wrong = await put(ADMIN, '{"patterns":["(a+)+$"]}');
    expect({ status: wrong.status, body: await wrong.json() }).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'patterns' }] },
    });
  });

  it('can be tried out without being set', async () => {
    const event = '{"mail":"ann@example.com","n":12345678901234567890}';
    const answer = await fetch(`${gateway.url}/v1/redaction/preview`, {
      method: 'POST',
      headers: { authorization: 'Bearer key-acme', 'content-type': 'application/json' },
      body: `{"event":${event},"rules":{"enable":["email"]}}`,
    });
    expect(await answer.text()).toBe(
      '{"event":{"mail":"[redacted:email]","n":12345678901234567890},"redacted":["mail"]}',
    );
    const wrong = await send(gateway, '/v1/redaction/preview', { event: {}, rules: { names: 'x' } });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'rules.names' }] } });
    expect((await send(gateway, '/v1/redaction/preview', {})).body).toMatchObject({ errors: [{ field: 'event' }] });
  });
});
