import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GatewayUnderTest, type Answer } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
beforeAll(async () => {
  under = await GatewayUnderTest.start({ replicas: 2 });
});
afterAll(() => under.close());

const ask = (run: string, data: object = {}) =>
  under.tell(run, 'human-input.requested', { question: 'Go on?', requestId: 'q1', ...data });

/** Answers through one of the two gateways. */
async function answer(run: string, body: unknown, replica = 0, key = 'acme-key'): Promise<Answer> {
  const response = await fetch(`${under.urls[replica]}/v1/runs/${run}/input`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

const code = ({ status, body }: Answer) => [status, body['code']];

describe('an answer to a waiting run', () => {
  it('is an event that says who gave it through which key, and the run goes on', async () => {
    await ask('r1');
    const { status, body } = await answer('r1', { response: { approved: true }, responded_by: 'kim' });
    expect([status, body['accepted'], body['duplicate']]).toEqual([202, true, false]);
    await under.projected(body['position'] as string);
    const { body: run } = await under.send('GET', '/v1/runs/r1');
    expect(run).toMatchObject({ status: 'running' });
    const { body: input } = await under.send('GET', '/v1/runs/r1/input');
    expect(input).toMatchObject({
      waiting: false,
      question: { question: 'Go on?', request_id: 'q1' },
      answer: { response: { approved: true }, responded_by: 'kim', key_id: '1', position: body['position'] },
    });
  });

  it('wins when it is the first of many through both gateways at once, and no other is stored', async () => {
    await ask('race');
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => answer('race', { response: index }, index % 2)),
    );
    const won = answers.filter(({ status }) => status === 202);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 202).map(code)).toEqual(
      Array.from({ length: 11 }, () => [409, 'not_waiting']),
    );
    await under.projected(won[0]!.body['position'] as string);
    const { body } = await under.send('GET', '/v1/runs/race/events?types=human-input.received');
    expect(body['events']).toHaveLength(1);
  });

  it('given twice is one answer, on either gateway, also when the run knows it already', async () => {
    await ask('twice');
    const [first, second] = [await answer('twice', { response: 1 }), await answer('twice', { response: 1 }, 1)];
    expect([first.body['duplicate'], second.status, second.body['duplicate']]).toEqual([false, 202, true]);
    await under.projected(first.body['position'] as string);
    const third = await answer('twice', { response: 1 }, 1);
    expect([third.status, third.body['position']]).toEqual([202, first.body['position']]);
    expect(code(await answer('twice', { response: 2 }))).toEqual([409, 'not_waiting']);
  });

  it('is for the question that was read, not for the next one', async () => {
    await ask('asks-twice');
    const { body: before } = await under.send('GET', '/v1/runs/asks-twice/input');
    const { position } = before['question'] as { position: string };
    await under.tell('asks-twice', 'human-input.received', { response: 'told by the agent itself' });
    await ask('asks-twice', { question: 'Really?' });
    expect(code(await answer('asks-twice', { response: 'yes', question: position }))).toEqual([409, 'not_waiting']);
    expect((await answer('asks-twice', { response: 'yes' })).status).toBe(202);
  });

  it.each([
    ['asked nothing', 'run.started', {}],
    ['was answered by its agent', 'human-input.received', { response: 1 }],
    ['is over', 'run.failed', { error: { message: 'no' } }],
  ])('is refused when the run %s', async (what, type, data) => {
    const run = `refused-${what.replaceAll(' ', '-')}`;
    if (type !== 'run.started') await ask(run);
    await under.tell(run, type, data);
    expect(code(await answer(run, { response: 1 }))).toEqual([409, 'not_waiting']);
  });

  it('comes too late after the time that the question gave', async () => {
    await ask('expired', { expiresAt: '2026-01-01T00:00:00Z' });
    expect(code(await answer('expired', { response: 1 }))).toEqual([410, 'gone']);
  });

  it.each([
    ['a run that is not there', 'nobody', { response: 1 }, 'acme-key', [404, 'not_found']],
    ['another tenant', 'r1', { response: 1 }, 'rival-key', [404, 'not_found']],
    ['a key that may only read', 'r1', { response: 1 }, 'read-key', [403, 'forbidden']],
    ['no response', 'r1', {}, 'acme-key', [400, 'invalid_request']],
    ['a name that is none', 'r1', { response: 1, responded_by: '' }, 'acme-key', [400, 'invalid_request']],
    ['a question that is no position', 'r1', { response: 1, question: 'x' }, 'acme-key', [400, 'invalid_request']],
  ] as const)('is refused for %s', async (_what, run, body, key, refusal) => {
    expect(code(await answer(run, body, 0, key))).toEqual(refusal);
  });
});

describe('what the console asks besides', () => {
  it('downloads a whole run, a line an event, beyond one page', async () => {
    for (let index = 0; index < 3; index += 1) await under.tell('long', 'note.taken', { index });
    const events = Array.from({ length: 600 }, (_, index) => ({ type: 'note.taken', run: 'long', id: `n${index}` }));
    const stored = await under.log.append(
      events.slice(0, 500).map((event) => ({
        ...{
          tenant: 'acme',
          level: 'info' as const,
          occurredAt: '2026-11-21T00:00:00.000000Z',
          dialect: 'runcast' as const,
        },
        ...{ ...event, data: {}, raw: JSON.stringify(event) },
      })),
    );
    const last = stored.at(-1) as { position: { shard: number; epoch: string; sequence: number } };
    await under.projected(`${last.position.shard}.${last.position.epoch}.${last.position.sequence}`);
    const response = await under.open('GET', '/v1/runs/long/events.ndjson');
    expect(response.headers.get('content-disposition')).toContain('attachment');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(503);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ id: 'n499', run: 'long' });
    expect((await under.open('GET', '/v1/runs/nobody/events.ndjson')).status).toBe(404);
  });

  it('searches runs, counts them and lists agents', async () => {
    await under.tell('needle-1', 'run.started', {}, { agent: 'seamstress' });
    const { body: found } = await under.send('GET', '/v1/runs?q=NEEDLE');
    expect(found['runs']).toMatchObject([{ id: 'needle-1' }]);
    const { body: counts } = await under.send('GET', '/v1/run-counts?minutes=5&buckets=5');
    expect(counts).toMatchObject({ bucket_ms: 60_000, is_cut: false });
    const { body: agents } = await under.send('GET', '/v1/agents');
    expect(agents['agents']).toMatchObject([{ id: 'seamstress', run_count: 1, by_status: { running: 1 } }]);
    const { body: clock } = await under.send('GET', '/v1/clock');
    expect(Math.abs(Number(clock['now_ms']) - Date.now())).toBeLessThan(60_000);
  });

  it.each(['/v1/run-counts?minutes=0', '/v1/agents?limit=101', '/v1/clock?x=1', '/v1/run-changes?x=1'])(
    'refuses %s',
    async (path) => expect((await under.send('GET', path)).status).toBe(400),
  );
});
