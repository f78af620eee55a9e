import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { takeWorkflows } from '@runcast/agent-commands';
import { waitFor } from '@runcast/test-harness';
import { GatewayUnderTest } from '../gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
beforeAll(async () => {
  under = await GatewayUnderTest.start();
});
afterAll(() => under.close());

const dag = { flow_name: 'Pipeline', run_name: 'r/1', tasks: [], default_inputs: { who: 'me' } };
const run = 'Pipeline/r/1';

async function start(body: unknown, path = '/run-dag/'): Promise<string> {
  const answer = await under.send('POST', path, body);
  expect(answer).toMatchObject({ status: 200, body: { status: 'processing', task_id: expect.any(String) as unknown } });
  return answer.body['task_id'] as string;
}

const status = async (task: string, key?: string) =>
  (await under.send('GET', `/task-status/${task}`, undefined, key)).body;

/** Takes one command from the queue. */
async function takeOne() {
  const taken = Promise.withResolvers<Record<string, unknown>>();
  const options = { tenant: 'acme', agent: 'Pipeline', maxUnderWay: 1, ackWaitMs: 30_000 };
  const run = (command: object) => Promise.resolve(taken.resolve(command as Record<string, unknown>));
  const taking = await takeWorkflows(under.messaging, options, run, () => Promise.resolve());
  const command = await taken.promise;
  await taking.stop();
  return command;
}

describe('POST /run-dag/ and GET /task-status/:task_id', () => {
  it('keeps the command until somebody serves the flow, and tells the results by node', async () => {
    const task = await start(dag);
    expect(await status(task)).toEqual({ status: 'processing', task_id: task });
    expect(await takeOne()).toMatchObject({
      agent: 'Pipeline',
      flow: 'Pipeline',
      run,
      input: { default_inputs: { who: 'me' } },
    });
    await under.tell(run, 'run.started');
    await under.tell(run, 'step.completed', { step: 'node_a', output: { ok: true } });
    expect(await status(task)).toEqual({ status: 'processing', task_id: task });
    await under.tell(run, 'run.completed');
    expect(await status(task)).toEqual({ status: 'completed', task_id: task, results: { node_a: { ok: true } } });
  });

  it('tells the second run of a name apart from the first, which was over when it was asked for', async () => {
    const again = await start({ flow_data: dag }, '/run-dag');
    expect(await status(again)).toEqual({ status: 'processing', task_id: again });
    await takeOne();
    await under.tell(run, 'run.started');
    await under.tell(run, 'run.failed', { error: { message: 'broken' } });
    await waitFor(async () => (await status(again))['status'] === 'failed', { describe: 'the failure' });
    expect(await status(again)).toMatchObject({ error: { message: 'broken' } });
  });

  it('names the run when nobody does', async () => {
    const answer = await under.send('POST', '/run-dag/', { flow_name: 'Unnamed' });
    expect(answer.body).toMatchObject({
      flow_name: 'Unnamed',
      run_name: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
  });

  it('shows a task to nobody else, and none that was made up', async () => {
    const task = await start({ ...dag, run_name: 'secret' });
    expect(await under.send('GET', `/task-status/${task}`, undefined, 'rival-key')).toMatchObject({
      status: 404,
      body: { detail: 'Task not found' },
    });
    for (const forged of ['x', `${Buffer.from(run).toString('base64url')}.x`, `${task}x`.replace(/^./, 'A')]) {
      expect((await under.send('GET', `/task-status/${forged}`)).status).toBe(404);
    }
  });

  it.each([
    ['no flow', {}, 400],
    ['a name that is no id', { flow_name: 'x'.repeat(129) }, 400],
    ['names that are none together', { flow_name: 'x'.repeat(100), run_name: 'y'.repeat(100) }, 400],
    ['not JSON', '{', 400],
  ])('answers %s in the form of the vendor', async (_name, body, expected) => {
    expect(await under.send('POST', '/run-dag/', body)).toMatchObject({
      status: expected,
      body: { detail: expect.any(String) as unknown },
    });
    expect((await under.send('POST', '/run-dag/', dag, 'read-key')).status).toBe(403);
  });
});
