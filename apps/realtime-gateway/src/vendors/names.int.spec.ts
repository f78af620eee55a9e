import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { GatewayUnderTest, readBlocks } from './gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
const sockets: WebSocket[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start();
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await under.close();
});

type Frame = Readonly<Record<string, unknown>>;

function watch(session: string): Frame[] {
  const socket = new WebSocket(`${under.url.replace('http', 'ws')}/session/${session}?x-api-key=acme-key`);
  sockets.push(socket);
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  return frames;
}

it('tells the clients of a session its id also on events that leave it out, early and late ones the same', async () => {
  const early = watch('s1');
  await under.tell('r1', 'run.started', {}, { session: 's1' });
  await under.tell('r1', 'reasoning.emitted', { text: 'hm' });
  await waitFor(() => early.length === 2, { describe: 'two frames' });
  const late = watch('s1');
  await waitFor(() => late.length === 2, { describe: 'two frames' });
  expect(early.map((frame) => frame['session_id'])).toEqual(['s1', 's1']);
  expect(late).toEqual(early);
});

it('tells them the agent of a run that named it once, and gives our own form back as it was sent', async () => {
  await under.tell('r2', 'run.started', {}, { session: 's2', agent: 'a2' });
  await under.tell('r2', 'run.completed', {});
  const frames = async (dialect: string) => {
    const response = await under.open('GET', `/v1/runs/r2/stream?dialect=${dialect}`);
    return (await readBlocks(response))
      .filter(({ event }) => event !== 'end')
      .map(({ data }) => JSON.parse(data) as Frame);
  };
  const lyzr = await frames('lyzr-agent');
  expect(lyzr.map(({ session_id, agent_id }) => [session_id, agent_id])).toEqual([
    ['s2', 'a2'],
    ['s2', 'a2'],
  ]);
  expect((await frames('runcast')).map(({ session, agent }) => [session, agent])).toEqual([
    ['s2', 'a2'],
    [undefined, undefined],
  ]);
});
