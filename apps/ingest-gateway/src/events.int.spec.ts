import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_APPEND_EVENTS } from '@runcast/event-log';
import { DIALECT_NAMES } from '@runcast/run-events';
import { MAX_EVENT_BYTES } from './limits.ts';
import {
  closeGateways,
  send,
  startGateway,
  type Answer,
  type GatewayUnderTest,
  type Settings,
} from './testing/gateway-under-test.ts';
import { freshNamespace, testBackends } from '@runcast/test-harness';

const start = (settings: Partial<Settings> = {}) =>
  startGateway({ natsUrl: testBackends().natsUrl, namespace: freshNamespace(), ...settings });

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await start();
});
afterAll(closeGateways);

let runs = 0;
const newRun = () => `run-${(runs += 1)}`;
const statuses = ({ body }: Answer) => (body['results'] as { status: string }[]).map(({ status }) => status);
const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('POST /v1/events with one event', () => {
  it('answers flat: 202, 409, 400', async () => {
    const event = { type: 'note.taken', run: newRun(), id: 'e1', data: { text: 'x' } };
    expect(await send(gateway, '/v1/events', event)).toMatchObject({
      status: 202,
      body: { accepted: true, event_id: 'e1', run_id: event.run, duplicate: false },
    });
    expect((await send(gateway, '/v1/events', { ...event, data: {} })).status).toBe(409);
    const invalid = await send(gateway, '/v1/events', { run: 'r' });
    expect(invalid).toMatchObject({ status: 400, body: { code: 'invalid_event', errors: [{ field: 'type' }] } });
  });

  it('speaks the dialect that the query names, with ids from the query where the format has none', async () => {
    const step = { event_type: 'step', sdk_run_id: newRun(), payload: { node_name: 'n' } };
    const answer = await send(gateway, '/v1/events?dialect=agent-os', step);
    expect(answer).toMatchObject({ status: 202, body: { run_id: step.sdk_run_id } });
    const hinted = await send(gateway, '/v1/events?run=from-query', { type: 'x' });
    expect(hinted).toMatchObject({ status: 202, body: { run_id: 'from-query' } });
  });

  it.each([
    ['dialect=klingon', 'dialect'],
    ['dialect=runcast&dialect=zihin', 'dialect'],
    [`run=${'x'.repeat(129)}`, 'run'],
    ['session=%00', 'session'],
  ])('refuses the query %s', async (query, field) => {
    const answer = await send(gateway, `/v1/events?${query}`, { type: 'x', run: 'r' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field }] } });
  });
});

describe('POST /v1/events with several', () => {
  it('answers 202 when all are stored or were, in the order sent', async () => {
    const run = newRun();
    const events = ['a', 'b', 'c'].map((id) => ({ type: 'x', run, id }));
    const first = await send(gateway, '/v1/events', events);
    expect([first.status, statuses(first)]).toEqual([202, ['stored', 'stored', 'stored']]);
    const again = await send(gateway, '/v1/events', [...events, { type: 'x', run, id: 'd' }]);
    expect([again.status, statuses(again)]).toEqual([202, ['duplicate', 'duplicate', 'duplicate', 'stored']]);
    const positions = (again.body['results'] as { position: string }[]).map(({ position }) =>
      Number(position.split('.')[2]),
    );
    expect(positions).toEqual([...positions].sort((left, right) => left - right));
  });

  it('stores the good ones beside the bad ones and says which is which', async () => {
    const own = await start();
    const good = '{"type":"x","run":"r","id":"1","data":{"n":12345678901234567890}}';
    const large = `{"type":"x","run":"r","data":{"t":"${'x'.repeat(MAX_EVENT_BYTES)}"}}`;
    const conflict = '{"type":"y","run":"r","id":"1"}';
    const deep = `{"type":"x","run":"r","data":{"d":${'['.repeat(500)}${']'.repeat(500)}}}`;
    const last = '{"type":"x","run":"r","id":"2"}';
    const body = `[${[good, '{"type":7}', '{broken}', large, deep, '17', last].join(' ,\n')}]`;
    const answer = await send(own, '/v1/events', body);
    expect([answer.status, statuses(answer)]).toEqual([
      207,
      ['stored', 'invalid', 'invalid', 'too_large', 'invalid', 'invalid', 'stored'],
    ]);
    expect(answer.body['results']).toContainEqual(
      expect.objectContaining({ errors: [expect.objectContaining({ field: '' })] }),
    );
    expect((await own.logged(2)).map(({ raw }) => raw)).toEqual([good, last]);
    expect(statuses(await send(own, '/v1/events', `[${conflict}]`))).toEqual(['conflict']);
  });

  it('takes NDJSON line by line, also a single one', async () => {
    const run = newRun();
    const lines = `{"type":"x","run":"${run}"}\r\n\nnot json\n{"type":"y","run":"${run}"}\n`;
    const answer = await send(gateway, '/v1/events', lines, NDJSON);
    expect([answer.status, statuses(answer)]).toEqual([207, ['stored', 'invalid', 'stored']]);
    expect(statuses(await send(gateway, '/v1/events', `{"type":"x","run":"${run}"}`, NDJSON))).toEqual(['stored']);
  });

  it('names the events of a batch after its Idempotency-Key, so that the whole batch can be repeated', async () => {
    const run = newRun();
    const batch = [
      { type: 'x', run },
      { type: 'x', run },
    ];
    const headers = { 'idempotency-key': 'batch-7' };
    expect(statuses(await send(gateway, '/v1/events', batch, headers))).toEqual(['stored', 'stored']);
    expect(statuses(await send(gateway, '/v1/events', batch, headers))).toEqual(['duplicate', 'duplicate']);
  });

  it(`takes ${MAX_APPEND_EVENTS} and refuses none, one more, and what is no array`, async () => {
    const batch = (length: number) => Array.from({ length }, (_, index) => ({ type: 'x', run: `many-${index % 7}` }));
    const full = await send(gateway, '/v1/events', batch(MAX_APPEND_EVENTS));
    expect([full.status, statuses(full).length]).toEqual([202, MAX_APPEND_EVENTS]);
    for (const body of [batch(0), batch(MAX_APPEND_EVENTS + 1), '[{"type":"x","run":"r"}', '[1][2]', '']) {
      const answer = await send(gateway, '/v1/events', body);
      expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_request']);
    }
  });

  it('keeps the order of each run under concurrent requests', async () => {
    const own = await start();
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let number = 0; number < 10; number += 1) {
        await send(own, '/v1/events', { type: 'x', run: `r${sender}`, data: { number } });
      }
    });
    await Promise.all(senders);
    const logged = await own.logged(80);
    for (let sender = 0; sender < 8; sender += 1) {
      const numbers = logged.filter(({ run }) => run === `r${sender}`).map(({ data }) => data['number']);
      expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });
});

describe('whatever is sent', () => {
  const path = fc.constantFrom('/api/ingest', ...DIALECT_NAMES.map((dialect) => `/v1/events?dialect=${dialect}`));
  const type = fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain');
  const field = fc.constantFrom(
    'event_type',
    'type',
    'run',
    'sdk_run_id',
    'payload',
    'data',
    'id',
    'occurred_at',
    'session',
    '__proto__',
  );
  const almost = fc.dictionary(field, fc.oneof(fc.constantFrom('step', 'run_end', 'x'), fc.jsonValue({ maxDepth: 3 })));
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    almost.map((event) => JSON.stringify(event)),
    fc.array(almost).map((events) => JSON.stringify(events)),
  );

  it('the answer is 202, 207 or a documented 4xx, never a fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(path, type, body, async (at, contentType, text) => {
        const { status } = await send(gateway, at, text, { 'content-type': contentType });
        expect([202, 207, 400, 409, 413]).toContain(status);
      }),
      { numRuns: 400 },
    );
    expect(gateway.faults).toEqual([]);
  });
});
