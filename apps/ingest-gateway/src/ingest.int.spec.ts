import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LogOverloadedError, LogUnavailableError } from '@runcast/event-log';
import {
  closeGateways,
  send,
  startGateway,
  type GatewayUnderTest,
  type Settings,
} from './testing/gateway-under-test.ts';
import { freshNamespace, testBackends } from '@runcast/test-harness';

/** The vendor's seven documented examples (2026-04, contracts of agent-os), in the order of a run. */
const EXAMPLES = [
  {
    event_type: 'run_start',
    agent_name: 'research-agent',
    payload: { framework: 'langgraph', input: { query: 'Weather in Zurich?' } },
  },
  {
    event_type: 'step',
    payload: { node_name: 'search_web', phase: 'end', duration_ms: 890, output: { results: ['...'] } },
  },
  {
    event_type: 'tool_call',
    payload: {
      tool_name: 'web_search',
      phase: 'end',
      input_preview: 'Zurich',
      output_preview: '12°C',
      duration_ms: 740,
    },
  },
  {
    event_type: 'human_input_requested',
    payload: { question: 'Deploy?', context: { target: 'prod', changes: 5 }, channel: 'slack' },
  },
  { event_type: 'human_input_received', payload: { response: 'yes', responded_by: 'tobias' } },
  {
    event_type: 'error',
    payload: { error_type: 'ValueError', error_message: 'rate limit', traceback: 'Traceback\n ...' },
  },
  {
    event_type: 'run_end',
    payload: {
      output: { answer: '12°C' },
      prompt_tokens: 150,
      completion_tokens: 45,
      total_tokens: 195,
      cost_usd: 0.0023,
      model: 'gpt-4',
    },
  },
];

const start = (settings: Partial<Settings> = {}) =>
  startGateway({ natsUrl: testBackends().natsUrl, namespace: freshNamespace(), ...settings });

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await start();
});
afterAll(closeGateways);

let runs = 0;
const newRun = () => `run-${(runs += 1)}`;
const step = (run: string, extra: object = {}) => ({
  event_type: 'step',
  sdk_run_id: run,
  payload: { node_name: 'n' },
  ...extra,
});

describe('POST /api/ingest', () => {
  it('takes the seven types and answers once they stand in the log, byte for byte and in order', async () => {
    const own = await start();
    const texts = EXAMPLES.map((example) => JSON.stringify({ ...example, sdk_run_id: 'run_a1b2c3' }, null, 2));
    const sequences: number[] = [];
    for (const text of texts) {
      const { status, body } = await send(own, '/api/ingest', `\n${text}\n`);
      expect({ status, ...body }).toEqual({
        status: 202,
        accepted: true,
        event_id: expect.any(String),
        run_id: 'run_a1b2c3',
        position: expect.stringMatching(/^0\.\w+\.\d+$/),
        duplicate: false,
      });
      sequences.push(Number(String(body['position']).split('.')[2]));
    }
    const logged = await own.logged(texts.length);
    expect(logged.map(({ raw }) => raw)).toEqual(texts);
    expect(logged.map(({ position }) => position.sequence)).toEqual(sequences);
    expect(new Set(logged.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
  });

  it('recognises an event that says when it happened', async () => {
    const event = step(newRun(), { occurred_at: '2026-04-02T10:00:00Z' });
    const first = await send(gateway, '/api/ingest', event);
    const second = await send(gateway, '/api/ingest', event);
    expect(second.status).toBe(202);
    expect(second.body).toEqual({ ...first.body, duplicate: true });
  });

  it('recognises an event by its Idempotency-Key, and refuses another one under the same', async () => {
    const run = newRun();
    const headers = { 'idempotency-key': 'attempt 1' };
    const first = await send(gateway, '/api/ingest', step(run), headers);
    expect(first.body).toMatchObject({ event_id: 'attempt 1', duplicate: false });
    expect((await send(gateway, '/api/ingest', step(run), headers)).body).toEqual({ ...first.body, duplicate: true });
    const other = await send(gateway, '/api/ingest', step(run, { payload: { node_name: 'other' } }), headers);
    expect([other.status, other.body['code']]).toEqual([409, 'event_conflict']);
  });

  it('takes two equal events without a time for two', async () => {
    const event = step(newRun());
    const [first, second] = [await send(gateway, '/api/ingest', event), await send(gateway, '/api/ingest', event)];
    expect(second.body).toMatchObject({ duplicate: false });
    expect(second.body['event_id']).not.toBe(first.body['event_id']);
  });

  it('keeps tenants apart, whatever ids they choose', async () => {
    const event = step(newRun(), { occurred_at: '2026-04-02T10:00:00Z' });
    await send(gateway, '/api/ingest', event);
    const rival = await send(gateway, '/api/ingest', event, { authorization: 'Bearer key-rival' });
    expect([rival.status, rival.body['duplicate']]).toEqual([202, false]);
  });

  it('takes 128-byte ids of any characters, each its own run', async () => {
    for (const run of ['a*', 'a>', '>', 'a.b', '.', 'a b', '🙂🙂', 'ö'.repeat(64), '../x', '__proto__', '%00']) {
      const { status, body } = await send(gateway, '/api/ingest', step(run));
      expect({ run, status, run_id: body['run_id'] }).toEqual({ run, status: 202, run_id: run });
    }
  });

  it.each([
    ['not JSON', '{"event_type":', 400, ''],
    ['an empty body', ' ', 400, ''],
    ['an array', [step('r')], 400, ''],
    ['an unknown type', step('r', { event_type: 'stop' }), 400, 'event_type'],
    ['a missing run', { event_type: 'step', payload: { node_name: 'n' } }, 400, 'sdk_run_id'],
    ['a missing payload', { event_type: 'run_start', sdk_run_id: 'r' }, 400, 'payload'],
    ['a payload of another kind', step('r', { payload: 'x' }), 400, 'payload'],
    [
      'a wrong count',
      { event_type: 'run_end', sdk_run_id: 'r', payload: { total_tokens: '195' } },
      400,
      'payload.total_tokens',
    ],
    ['a day that does not exist', step('r', { occurred_at: '2026-02-30T00:00:00Z' }), 400, 'occurred_at'],
    ['an empty id', step(''), 400, 'sdk_run_id'],
    ['an id of 300 characters', step('x'.repeat(300)), 400, 'sdk_run_id'],
    ['an id with NUL', step('a\u0000b'), 400, 'sdk_run_id'],
    [
      'an id with a lone surrogate',
      '{"event_type":"step","sdk_run_id":"a\\ud800","payload":{"node_name":"n"}}',
      400,
      'sdk_run_id',
    ],
    [
      'depth 10,000',
      `{"event_type":"step","sdk_run_id":"r","payload":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      400,
      '',
    ],
  ])('refuses %s and names the field', async (_name, body, status, field) => {
    const answer = await send(gateway, '/api/ingest', body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const errors = answer.body['errors'] as { field: string; expected: string }[];
    expect(errors.map((error) => error.field)).toContain(field);
    expect(errors.every((error) => error.expected.length > 3)).toBe(true);
  });

  it('stores NUL and lone surrogates inside a payload as they came', async () => {
    const own = await start();
    const text =
      '{"event_type":"run_end","sdk_run_id":"r","payload":{"output":"a\\u0000b\\ud800","n":12345678901234567890}}';
    expect((await send(own, '/api/ingest', text)).status).toBe(202);
    expect((await own.logged(1))[0]?.raw).toBe(text);
  });

  it('refuses 2 MB, a stranger, a key without the scope and a form', async () => {
    const big = await send(gateway, '/api/ingest', step('r', { payload: { node_name: 'x'.repeat(2_000_000) } }));
    expect([big.status, big.body['code']]).toEqual([413, 'payload_too_large']);
    expect((await send(gateway, '/api/ingest', step('r'), { authorization: 'Bearer nope' })).status).toBe(401);
    expect((await send(gateway, '/api/ingest', step('r'), { authorization: 'Bearer key-reader' })).status).toBe(403);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send(gateway, '/api/ingest', step('r'), form)).status).toBe(415);
  });

  it('lets a key send as many as it may, and tells it when to come again', async () => {
    const limited = await start({ ratePerMinute: 3 });
    const statuses: number[] = [];
    for (let sent = 0; sent < 4; sent += 1) statuses.push((await send(limited, '/api/ingest', step('r'))).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
    const refused = await send(limited, '/api/ingest', step('r'));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await send(limited, '/api/ingest', step('r'), { authorization: 'Bearer key-rival' })).status).toBe(202);
    expect((await send(limited, '/v1/events', { type: 'x', run: 'r' })).status).toBe(202);
  });
});

describe('while the log does not take events', () => {
  it.each([
    [new LogUnavailableError('timeout', 'no ack', 7), 'unavailable', '7'],
    [new LogOverloadedError(9, 9, 'events'), 'overloaded', '1'],
  ])('answers 503 with Retry-After, and never 202 (%s)', async (error, code, retryAfter) => {
    const away = await start({ log: { append: () => Promise.reject(error) } });
    for (const [path, body] of [
      ['/api/ingest', step('r')],
      ['/v1/events', [{ type: 'x', run: 'r' }]],
    ] as const) {
      const answer = await send(away, path, body);
      expect([answer.status, answer.body['code'], answer.headers.get('retry-after')]).toEqual([503, code, retryAfter]);
    }
  });
});
