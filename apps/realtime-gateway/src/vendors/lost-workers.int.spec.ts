import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCommand, takeCommands, type AgentCommand, type Taking } from '@runcast/agent-commands';
import { waitFor } from '@runcast/test-harness';
import { GatewayUnderTest, readBlocks } from './gateway-under-test.fixture.ts';

/** Lost after four of them. */
const BEAT_MS = 150;

let under: GatewayUnderTest;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await under.close();
});

/** A worker that takes a command, says as much as it is told to, and is never heard of again. */
async function dying(agent: string, ...says: string[]): Promise<AgentCommand[]> {
  const commands: AgentCommand[] = [];
  const limits = {
    subject: under.messaging.subjects.command('acme', agent),
    queue: 'agents',
    maxUnderWay: 8,
    overloaded: () => ({ accepted: false }),
  };
  const answering = under.messaging.answer(limits, async ({ data }) => {
    const command = readCommand(data)!;
    commands.push(command);
    for (const type of says) await under.tell(command.run, type, {}, { agent });
    return { accepted: true, beatMs: BEAT_MS };
  });
  await answering.established;
  stops.push(() => answering.stop());
  return commands;
}

const statusOf = async (run: string) => (await under.send('GET', `/v1/runs/${run}`)).body;

describe('a worker that dies with a command', () => {
  it.each([
    ['zihin', '/api/v2/agents/z/stream', { message: 'x' }, 'z', /event: error[^]*\[DONE\]/],
    ['vectara', '/v2/agents/v/sessions/s1/events', vectara(true), 'v', /"type":"error"/],
    ['lyzr', '/v3/inference/stream', { agent_id: 'l', message: 'x', session_id: 's2' }, 'l', /error|Error/],
    ['ag-ui', '/v1/agents/a/ag-ui', agUi(), 'a', /RUN_ERROR/],
  ])('ends the stream of its caller in the form of %s', async (_name, path, body, agent, ending) => {
    const commands = await dying(agent, 'run.started', 'run.heartbeat');
    const response = await under.open('POST', path, body);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(ending);
    const { run } = commands[0]!;
    await waitFor(async () => (await statusOf(run))['status_reason'] === 'stale', { describe: 'the run is given up' });
    await under.tell(run, 'run.heartbeat');
    expect(await statusOf(run)).toMatchObject({ status: 'running' }); // it was only cut off
  });

  it('is noticed too when it has not said a word, and the caller without a stream is answered', async () => {
    await dying('silent');
    const answer = await under.send('POST', '/v3/inference/chat', { agent_id: 'silent', message: 'x' });
    expect(answer.status).toBe(500);
    expect(answer.body['detail']).toContain('stale');
  });
});

describe('a worker that lives', () => {
  /** It misses none of four, however busy the machine is. */
  const LIVING_BEAT_MS = 500;

  async function living(agent: string, work: (command: AgentCommand) => Promise<void>): Promise<Taking> {
    const options = { tenant: 'acme', agent, maxUnderWay: 8, beatMs: LIVING_BEAT_MS };
    const taking = await takeCommands(under.messaging, options, work);
    stops.push(() => taking.stop());
    return taking;
  }

  it('is given all the time it needs while it says that it works, and is not watched after its end', async () => {
    const longer = new Promise<void>((resolve) => setTimeout(resolve, 6 * LIVING_BEAT_MS));
    await living('slow', async ({ run }) => {
      await under.tell(run, 'run.started');
      await longer;
      await under.tell(run, 'run.completed', { output: { answer: 'done' } });
    });
    const blocks = await readBlocks(await under.open('POST', '/api/v2/agents/slow/stream', { message: 'x' }));
    expect(blocks.map(({ event, data }) => event ?? data)).not.toContain('error');
    expect(blocks.at(-1)?.data).toBe('[DONE]');
  });
});

function vectara(stream: boolean) {
  return { type: 'input_message', messages: [{ type: 'text', content: 'x' }], stream_response: stream };
}

function agUi() {
  return {
    threadId: 't1',
    runId: 'r1',
    messages: [{ id: 'm1', role: 'user', content: 'x' }],
    tools: [],
    context: [],
    state: {},
    forwardedProps: {},
  };
}
