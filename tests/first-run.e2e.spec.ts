import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { watchRun, type WatchedEvent } from '@runcast/client';
import { WebSocket } from 'ws';
import { DOCUMENTED_EVENTS, DOCUMENTED_FAILURE } from './documented-events.ts';
import { startRuncast, type RunningRuncast } from './this-checkout.ts';

let runcast: RunningRuncast | undefined;
beforeAll(async () => {
  runcast = await startRuncast();
});
afterAll(() => runcast?.stop());

async function ingest(body: string, path = '/api/ingest'): Promise<{ status: number; body: Record<string, unknown> }> {
  const { ingestUrl, apiKey } = runcast!.dev();
  const response = await fetch(ingestUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function read(path: string): Promise<Record<string, unknown>> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const response = await fetch(realtimeUrl + path, { headers: { authorization: `Bearer ${apiKey}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

function connection() {
  const { realtimeUrl, apiKey } = runcast!.dev();
  return { url: realtimeUrl, apiKey };
}

/** Everything a watcher is shown until the run ends. */
async function watch(run: string, options: { after?: string } = {}): Promise<WatchedEvent[]> {
  const events: WatchedEvent[] = [];
  for await (const event of watchRun(connection(), run, options)) events.push(event);
  return events;
}

/** The first events of a watcher that then loses its connection. */
async function watchSome(run: string, count: number): Promise<WatchedEvent[]> {
  const events: WatchedEvent[] = [];
  for await (const event of watchRun(connection(), run)) if (events.push(event) === count) break;
  return events;
}

function watchSocket(run: string): Promise<unknown[]> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const socket = new WebSocket(`${realtimeUrl.replace('http', 'ws')}/v1/runs/${run}/stream?x-api-key=${apiKey}`);
  const frames: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve(frames.filter((frame) => frame['control'] === undefined)));
  });
}

describe('the documented run of agent-os', () => {
  const run = 'run_a1b2c3';

  it('has the status of the vendor table after each event, and every watcher holds the same list', async () => {
    const early = watch(run);
    const socket = watchSocket(run);
    let interrupted: Promise<WatchedEvent[]> | undefined;
    for (const [index, { event, statusAfter }] of DOCUMENTED_EVENTS.entries()) {
      const { status, body } = await ingest(JSON.stringify(event));
      expect([status, body['run_id'], body['duplicate']]).toEqual([202, run, false]);
      expect(await read(`/v1/runs/${run}?wait_for=${body['position'] as string}`)).toMatchObject({
        status: statusAfter,
      });
      if (index === 2) interrupted = watchSome(run, 3);
    }
    const middle = await interrupted!;
    const resumed = [...middle, ...(await watch(run, { after: middle.at(-1)!.position }))];
    const late = await watch(run);
    expect(late).toHaveLength(DOCUMENTED_EVENTS.length);
    expect(await early).toEqual(late);
    expect(resumed).toEqual(late);
    expect(await socket).toEqual(late);
  });

  it('is listed with its totals, and its events page at limit=2', async () => {
    expect(await read(`/v1/runs/${run}`)).toMatchObject({
      status: 'success',
      agent: 'research-agent',
      framework: 'langgraph',
      model: 'gpt-4',
      usage: { input_tokens: 150, output_tokens: 45, total_tokens: 195, cost_usd: 0.0023 },
    });
    const texts: string[] = [];
    let after = '';
    for (;;) {
      const page = await read(`/v1/runs/${run}/events?dialect=agent-os&limit=2${after && `&after=${after}`}`);
      texts.push(...(page['events'] as object[]).map((event) => JSON.stringify(event)));
      if (page['next_after'] === undefined) break;
      expect(page['events']).toHaveLength(2);
      after = page['next_after'] as string;
    }
    expect(texts).toEqual(DOCUMENTED_EVENTS.map(({ event }) => JSON.stringify(event)));
  });

  it('ends in error with the seventh type', async () => {
    const { body } = await ingest(JSON.stringify(DOCUMENTED_FAILURE));
    const state = await read(`/v1/runs/run_failing?wait_for=${body['position'] as string}`);
    expect(state).toMatchObject({ status: 'error', error: { type: 'ValueError', message: 'API rate limit exceeded' } });
  });

  it('counts an event that is sent again with the same Idempotency-Key or id once', async () => {
    const event = { type: 'step.started', run: 'retried', id: 'once', data: { step: 'a' } };
    const answers = [];
    for (let attempt = 0; attempt < 3; attempt += 1) answers.push(await ingest(JSON.stringify(event), '/v1/events'));
    expect(answers.map(({ status, body }) => [status, body['duplicate']])).toEqual([
      [202, false],
      [202, true],
      [202, true],
    ]);
    const state = await read(`/v1/runs/retried?wait_for=${answers[0]!.body['position'] as string}`);
    expect(state).toMatchObject({ event_count: 1 });
  });
});

describe('bad input', () => {
  const event = (more: object) =>
    JSON.stringify({ event_type: 'step', sdk_run_id: 'r', payload: { node_name: 'n' }, ...more });

  it.each([
    ['what is not JSON', '{"event_type":', 400, ''],
    ['an unknown type', event({ event_type: 'party' }), 400, 'event_type'],
    ['a missing field', '{"event_type":"step","payload":{}}', 400, 'sdk_run_id'],
    ['an id of 300 characters', event({ sdk_run_id: 'x'.repeat(300) }), 400, 'sdk_run_id'],
    ['an id with NUL', event({ sdk_run_id: 'a\u0000b' }), 400, 'sdk_run_id'],
    ['an id with a lone surrogate', event({ sdk_run_id: 'a\ud800' }), 400, 'sdk_run_id'],
    ['10,000 levels', event({ payload: 0 }).replace('0}', `${'['.repeat(10_000)}${']'.repeat(10_000)}}`), 400, ''],
  ])('%s is refused with the field and what was expected', async (_name, body, status, field) => {
    const answer = await ingest(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, request_id: expect.any(String) });
    const errors = answer.body['errors'] as { field: string; expected: string }[];
    expect(errors.map((error) => error.field)).toContain(field);
  });

  it('of two megabytes is refused as too large', async () => {
    expect((await ingest(event({ payload: { node_name: 'x'.repeat(2 * 1024 * 1024) } }))).status).toBe(413);
  });

  it.each([['*'], ['>'], ['a.b.c'], ['a b'], ['🚀'], ['../..'], ['%2A'], ['__proto__']])(
    'the id %s is stored and read back as it is',
    async (run) => {
      const payload = { node_name: 'n', text: '\u0000 \ud800', __proto__: 1, n: 1 };
      const { status, body } = await ingest(event({ sdk_run_id: run, payload }));
      expect([status, body['run_id']]).toEqual([202, run]);
      const path = `/v1/runs/${encodeURIComponent(run)}/events?dialect=agent-os&wait_for=${body['position'] as string}`;
      expect((await read(path))['events']).toEqual([JSON.parse(event({ sdk_run_id: run, payload }))]);
    },
  );
});
