import { Redactor } from '@runcast/redaction';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@runcast/run-events';
import { loadWorkflowSample, waitFor, type WorkflowFrame, type WorkflowSample } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { GatewayUnderTest } from '../gateway-under-test.fixture.ts';
import { Recorder } from '../recorder.ts';

let under: GatewayUnderTest;
const sockets: WebSocket[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start({ replicas: 2 });
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await under.close();
});

const FLOW = 'Support Pipeline/2';
let runs = 0;
const newRun = () => `ticket ${(runs += 1)}`;
let seconds = 1_756_806_125;

/** Takes an event in as the vendor's engine would send it. */
async function engine(run_name: string, event_type: string, more: JsonObject = {}, flow_name = FLOW): Promise<void> {
  const body = { event_type, flow_name, run_name, timestamp: (seconds += 1.5), ...more };
  const at = await new Recorder(under.log, () => new Redactor()).record({
    tenant: 'acme',
    dialect: 'lyzr-workflow',
    body,
    hints: {},
  });
  await under.projected(`${at.shard}.${at.epoch}.${at.sequence}`);
}

async function wholeFlow(run: string, flow = FLOW): Promise<void> {
  await engine(run, 'flow_started', { message: 'go' }, flow);
  await engine(run, 'task_completed', { task_name: 'a', execution_time: 1.5, output: { ok: true } }, flow);
  await engine(
    run,
    'flow_completed',
    { task_name: 'flow', total_execution_time: 3, output: { a: { ok: true } } },
    flow,
  );
}

const path = (run: string, flow = FLOW) => `/ws/${encodeURIComponent(flow)}/${encodeURIComponent(run)}`;

function open(at: string, { gateway = 0, headers = {} } = {}) {
  const url = under.urls[gateway]!.replace('http', 'ws') + at;
  const socket = new WebSocket(url, { headers: { 'x-api-key': 'acme-key', ...headers } });
  sockets.push(socket);
  const frames: WorkflowFrame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as WorkflowFrame));
  socket.on('error', () => undefined);
  const refused = new Promise<number | undefined>((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('open', () => resolve(undefined));
  });
  const types = () => frames.map((frame) => frame['event_type']);
  return {
    socket,
    frames,
    types,
    refused,
    until: (count: number) => waitFor(() => frames.length >= count, { describe: () => `${count}: ${String(types())}` }),
    closed: new Promise<void>((resolve) => socket.on('close', () => resolve())),
  };
}

const ALL = ['flow_started', 'task_completed', 'flow_completed'];

describe('the workflow events of Lyzr', () => {
  it('reach who connects before the first event, in the middle and after the last, as they were sent', async () => {
    const run = newRun();
    const early = open(path(run));
    await early.refused;
    await wholeFlow(run);
    const late = open(path(run), { headers: { 'user-agent': 'late' } });
    await Promise.all([early.until(3), late.until(3)]);
    expect(early.types()).toEqual(ALL);
    expect(late.frames).toEqual(early.frames);
    expect(early.frames[0]).toMatchObject({ flow_name: FLOW, run_name: run, timestamp: expect.any(Number) as unknown });
  });

  it('answer a ping with a pong that no client takes for an event, and go on after the end', async () => {
    const run = newRun();
    const client = open(path(run));
    await client.refused;
    await wholeFlow(run);
    await client.until(3);
    client.socket.send('{"type":"ping"}');
    await client.until(4);
    expect(client.frames.at(-1)).toEqual({ type: 'pong' });
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('are refused with 410, on any gateway, to who has hung up after the end', async () => {
    const run = newRun();
    await wholeFlow(run);
    const client = open(path(run));
    await client.until(3);
    client.socket.close();
    await client.closed;
    const again = () => open(path(run), { gateway: 1 }).refused;
    await waitFor(async () => (await again()) === 410, { describe: 'the refusal' });
    expect(await open(path(run)).refused).toBe(410);
  });

  it('are replayed again to who has lost the connection, to others, and to who says where it stands', async () => {
    const run = newRun();
    await wholeFlow(run);
    const lost = open(path(run));
    await lost.until(3);
    lost.socket.terminate();
    await lost.closed;
    const again = open(path(run));
    await again.until(3);
    again.socket.close();
    await again.closed;
    await waitFor(async () => (await open(path(run)).refused) === 410, { describe: 'the refusal' });
    const other = open(path(run), { headers: { 'x-forwarded-for': '203.0.113.7, 10.0.0.1' } });
    await other.until(3);
    const { body } = await under.send('GET', `/v1/runs/${encodeURIComponent('Support Pipeline%2F2/' + run)}/events`);
    const [first] = body['events'] as { position: string }[];
    const resumed = open(`${path(run)}?after=${first!.position}`);
    await resumed.until(2);
    expect(resumed.types()).toEqual(ALL.slice(1));
  });

  it('show the newest attempt, also to who has had the one before', async () => {
    const run = newRun();
    await wholeFlow(run);
    const client = open(path(run));
    await client.until(3);
    client.socket.close();
    await waitFor(async () => (await open(path(run)).refused) === 410, { describe: 'the refusal' });
    await engine(run, 'flow_started', { message: 'again' });
    const same = open(path(run));
    const other = open(path(run), { headers: { 'user-agent': 'other' } });
    await Promise.all([same.until(1), other.until(1)]);
    expect([same.frames, other.frames]).toEqual([same.frames, same.frames]);
    expect(same.frames[0]).toMatchObject({ event_type: 'flow_started', message: 'again' });
  });

  it('show any run under the flow "-"', async () => {
    const run = newRun();
    await under.tell(run, 'run.started', { message: 'hi' });
    await under.tell(run, 'step.completed', { step: 's', durationMs: 1_500 });
    const client = open(path(run, '-'));
    await client.until(2);
    expect(client.frames).toMatchObject([
      { event_type: 'flow_started', flow_name: '-', run_name: run },
      { event_type: 'task_completed', task_name: 's', execution_time: 1.5 },
    ]);
  });

  it('are closed to who has no key, and to names that cannot be ids', async () => {
    expect(await open(path(newRun()), { headers: { 'x-api-key': 'nobody' } }).refused).toBe(401);
    expect(await open(path('x'.repeat(200))).refused).toBe(400);
    expect(await open('/ws/%zz/run').refused).toBe(400);
  });
});

describe("the vendor's own sample, unchanged", () => {
  /** A monitor that writes down what it is told. */
  function start(sample: WorkflowSample, flow: string, run: string) {
    const told: unknown[] = [];
    class Recording extends sample.WorkflowMonitor {
      override onWorkflowStart = (data: WorkflowFrame) => void told.push(data['event_type']);
      override onTaskComplete = (data: WorkflowFrame) => void told.push(data['event_type']);
      override onWorkflowComplete = (data: WorkflowFrame) => void told.push(data['event_type']);
      override onError = (data: WorkflowFrame) => void told.push(data['event_type']);
    }
    new Recording(flow, run).connect();
    return told;
  }

  /** Nothing of ours is open and nothing waits to be: it has given up. */
  const isStill = ({ connections, isWaiting }: WorkflowSample) =>
    !isWaiting() && connections.slice(1).every(({ closed }) => closed);

  it.each([
    ['joins late', true],
    ['was there from the beginning', false],
  ])('misses nothing when it %s, and comes to rest after three refusals', async (_name, late) => {
    const sample = loadWorkflowSample({ url: under.url, apiKey: 'acme-key' });
    const flow = 'MyFlow';
    const run = newRun();
    if (late) await wholeFlow(run, flow);
    const told = start(sample, flow, run);
    // Its last lines connect by themselves to a run that never was: that one stays open.
    await waitFor(() => sample.connections.filter(({ opened }) => opened).length === 2, {
      describe: 'two connections',
    });
    if (!late) await wholeFlow(run, flow);
    await waitFor(() => isStill(sample), { describe: 'the sample to rest' });
    expect(told).toEqual(ALL);
    expect(sample.connections[0]).toEqual({ opened: true, closed: false });
    expect(sample.connections.slice(1).map(({ opened }) => opened)).toEqual([true, false, false, false]);
  });
});
