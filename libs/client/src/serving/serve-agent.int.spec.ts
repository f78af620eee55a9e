import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentCommands, WorkflowQueue } from '@runcast/agent-commands';
import type { JsonObject } from '@runcast/run-events';
import { freshNamespace, testBackends, waitFor } from '@runcast/test-harness';
import { Messaging, serveAgent, serveWorkflow, type AgentCommand, type Handler, type Serving } from './index.ts';

let namespace: string;
let messaging: Messaging;
let commands: AgentCommands;
const closings: (() => Promise<unknown>)[] = [];
/** Nobody waits so long here: an answer that does not come is the end of a spec, and one that is known at once is not. */
const ANSWER_MS = 600_000;
/** What the intake was told, in order. */
let told: JsonObject[];

beforeEach(async () => {
  namespace = freshNamespace();
  messaging = await Messaging.connect({ servers: testBackends().natsUrl, clientName: 'spec', namespace });
  commands = new AgentCommands(messaging, ANSWER_MS);
  told = [];
  closings.push(() => messaging.close());
});
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** Stands for the gateways: takes what it is told; `answer` may say no. */
async function takeEvents(answer: () => object = () => ({ accepted: true })): Promise<void> {
  const limits = {
    subject: messaging.subjects.everyIngest,
    queue: 'q',
    maxUnderWay: 10,
    overloaded: () => ({ accepted: false }),
  };
  const intake = messaging.answer(limits, ({ data }) => {
    const body = answer();
    if ('accepted' in body && body.accepted) told.push(JSON.parse(new TextDecoder().decode(data)) as JsonObject);
    return Promise.resolve(body);
  });
  await intake.established;
}

let ids = 0;
function command(more: Partial<AgentCommand> = {}): AgentCommand {
  ids += 1;
  const id = `c${ids}`;
  return { id, tenant: 'acme', agent: 'a.b *', run: `run ${ids}`, dialect: 'zihin', message: 'hi', input: {}, ...more };
}

async function serve(handler: Handler, maxUnderWay?: number): Promise<Serving> {
  const more = maxUnderWay === undefined ? {} : { maxUnderWay };
  const serving = await serveAgent('a.b *', handler, {
    tenant: 'acme',
    natsUrl: testBackends().natsUrl,
    namespace,
    ...more,
  });
  closings.push(() => serving.stop());
  return serving;
}

describe('serveAgent', () => {
  it('hands each command to one of those who serve the agent', async () => {
    const taken: AgentCommand[] = [];
    const handler: Handler = (given) => Promise.resolve(void taken.push(given));
    await Promise.all([serve(handler), serve(handler), serve(handler)]);
    const sent = Array.from({ length: 20 }, () => command());
    for (const one of sent) expect(await commands.send(one)).toMatchObject({ outcome: 'accepted' });
    await waitFor(() => taken.length === 20, { describe: 'twenty commands' });
    expect(taken).toEqual(sent);
  });

  it('is known not to be there at once when nobody serves the agent, or not this tenant', async () => {
    await serve(() => Promise.resolve());
    expect(await commands.send(command({ agent: 'nobody' }))).toMatchObject({ outcome: 'no-agent' });
    expect(await commands.send(command({ tenant: 'rival' }))).toMatchObject({ outcome: 'no-agent' });
  });

  it('takes no more runs than it was told, and runs a command that comes twice once', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const serving = await serve(() => promise, 1);
    const first = command();
    expect(await commands.send(first)).toMatchObject({ outcome: 'accepted' });
    expect(await commands.send(first)).toMatchObject({ outcome: 'accepted' });
    expect(await commands.send(command())).toMatchObject({ outcome: 'busy' });
    expect(serving.underWay).toBe(1);
    resolve();
    await waitFor(() => serving.underWay === 0, { describe: 'the run to be over' });
    expect(await commands.send(command())).toMatchObject({ outcome: 'accepted' });
  });

  it('lets the handler tell events of its run in order, each until it is taken', async () => {
    let refusals = 2;
    await takeEvents(() => (refusals-- > 0 ? { accepted: false, status: 503, detail: 'busy' } : { accepted: true }));
    await serve(async ({ message }, { tell }) => {
      const telling = [tell({ type: 'run.started', data: { message } }), tell({ type: 'run.completed' })];
      await Promise.all(telling);
    });
    const sent = command({ session: 's' });
    await commands.send(sent);
    await waitFor(() => told.length === 2, { describe: 'two events' });
    expect(told).toMatchObject([
      { type: 'run.started', run: sent.run, session: 's', agent: 'a.b *', data: { message: 'hi' } },
      { type: 'run.completed', run: sent.run },
    ]);
  });

  it('tells of a handler that throws, and says when even that is refused', async () => {
    const faults: unknown[] = [];
    const serving = await serveAgent('broken', () => Promise.reject(new RangeError('no such page')), {
      tenant: 'acme',
      connection: messaging,
      onFault: (error) => faults.push(error),
    });
    closings.push(() => serving.stop());
    const sent = command({ agent: 'broken' });
    let refuse = false;
    await takeEvents(() => (refuse ? { accepted: false, status: 400, detail: 'no' } : { accepted: true }));
    await commands.send(sent);
    await waitFor(() => told.length === 1, { describe: 'the failure' });
    const error = { message: 'no such page', type: 'RangeError' };
    expect(told).toMatchObject([{ type: 'run.failed', run: sent.run, id: `${sent.id}.failed`, data: { error } }]);
    refuse = true;
    await commands.send(command({ agent: 'broken' }));
    await waitFor(() => faults.length === 1, { describe: 'the fault' });
    expect(faults[0]).toMatchObject({ code: 'not_taken' });
  });

  it('aborts the run that is cancelled and no other, and its throw is then no failure', async () => {
    await takeEvents();
    const reasons: unknown[] = [];
    await serve((_command, { signal }) => {
      const stopped = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        stopped.reject(new Error('stopped'));
      });
      return stopped.promise;
    });
    const [one, other] = [command(), command()];
    await commands.send(one);
    await commands.send(other);
    commands.cancel('acme', one.run, 'enough');
    await waitFor(() => reasons.length > 0, { describe: 'the cancel' });
    expect(reasons).toEqual(['enough']);
    commands.cancel('acme', other.run, 'enough too');
    await waitFor(() => reasons.length === 2, { describe: 'the other cancel' });
    expect(told).toEqual([]);
  });

  it('brings its runs to an end when it is stopped, and takes no more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const serving = await serve(() => promise);
    await commands.send(command());
    const stopped = serving.stop();
    await waitFor(async () => (await commands.send(command())).outcome === 'no-agent', { describe: 'nobody to serve' });
    // What was asked before the server knew of the stop was taken as well, and is brought to an end with the first.
    expect(serving.underWay).toBeGreaterThan(0);
    resolve();
    await stopped;
    expect(serving.underWay).toBe(0);
  });
});

describe('serveWorkflow', () => {
  /** A worker says three times as often that it lives, which a busy machine may hold up for a while. */
  const ACK_WAIT_MS = 2_000;
  const options = () => ({ tenant: 'acme', natsUrl: testBackends().natsUrl, namespace, ackWaitMs: ACK_WAIT_MS });
  const oneAtATime = () => ({ ...options(), maxUnderWay: 1 });
  const flowCommand = () => command({ agent: 'a flow', flow: 'a flow' });

  async function serveFlow(handler: Handler): Promise<Serving> {
    const serving = await serveWorkflow('a flow', handler, options());
    closings.push(() => serving.stop());
    return serving;
  }

  it('runs what was asked for before anybody served it, once, also when it was asked for twice', async () => {
    const queue = await WorkflowQueue.open(messaging);
    const asked = flowCommand();
    await queue.add(asked);
    await queue.add(asked);
    const taken: AgentCommand[] = [];
    await serveFlow((given) => Promise.resolve(void taken.push(given)));
    const last = flowCommand();
    await queue.add(last);
    await waitFor(() => taken.length === 2, { describe: 'both commands' });
    expect(taken).toEqual([asked, last]);
  });

  it('gives the command of a worker that died to another, and not that of one that only takes long', async () => {
    const queue = await WorkflowQueue.open(messaging);
    const asked = flowCommand();
    await queue.add(asked);
    const dying = await Messaging.connect({ servers: testBackends().natsUrl, clientName: 'dying', namespace });
    const begun = Promise.withResolvers<void>();
    const dead = Promise.withResolvers<void>();
    closings.push(() => Promise.resolve(dead.resolve()));
    await serveWorkflow('a flow', () => (begun.resolve(), dead.promise), { ...oneAtATime(), connection: dying });
    await begun.promise;
    const taken: string[] = [];
    await serveFlow(({ run }) => Promise.resolve(void taken.push(run)));
    // There is no state to wait for: what is shown is that nothing happens for longer than a dead worker is waited for.
    await sleep(2 * ACK_WAIT_MS);
    const marker = flowCommand();
    await queue.add(marker);
    await waitFor(() => taken.length > 0, { describe: 'the marker' });
    expect(taken).toEqual([marker.run]);
    await dying.connection.close();
    await waitFor(() => taken.length === 2, { describe: 'the command of the dead worker' });
    expect(taken).toEqual([marker.run, asked.run]);
  });

  it('tells that a run was given up after five deaths of its worker', async () => {
    await takeEvents();
    const queue = await WorkflowQueue.open(messaging);
    const asked = flowCommand();
    await queue.add(asked);
    const consumer = await queue.consumer('acme', 'a flow', ACK_WAIT_MS);
    for (let death = 1; death <= 5; death += 1) (await consumer.next({ expires: 20_000 }))!.nak();
    const taken: AgentCommand[] = [];
    await serveFlow((given) => Promise.resolve(void taken.push(given)));
    await waitFor(() => told.length === 1, { describe: 'the end of the run' });
    expect(told).toMatchObject([{ type: 'run.failed', run: asked.run }]);
    expect(taken).toEqual([]);
  });
});
