import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  AgentCommands,
  Messaging,
  ReplayMarks,
  takeCommands,
  takeWorkflows,
  WorkflowQueue,
  type AgentCommand,
} from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import { sampleEvent } from './sample-event.ts';
import { waitFor } from '@runcast/test-harness';
import { tryPublish, tryRequest, trySubscribe } from './attempt.ts';
import { startGuardedNats, type GuardedNats } from './nats-under-accounts.ts';

let nats: GuardedNats;
const closing: (() => Promise<unknown> | undefined)[] = [];

beforeAll(async () => {
  nats = await startGuardedNats();
  // What `runcast migrate` does before anything else starts.
  const log = await openLog('admin');
  await log.close();
});
afterAll(() => nats.stop());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function openLog(user: string): Promise<EventLog> {
  return EventLog.connect({ servers: nats.url, clientName: 'spec', shards: 1, login: nats.loginOf(user) });
}

async function logOf(user: string): Promise<EventLog> {
  const log = await openLog(user);
  closing.push(() => log.close());
  return log;
}

async function messagingOf(user: string): Promise<Messaging> {
  const messaging = await Messaging.connect({ servers: nats.url, clientName: 'spec', login: nats.loginOf(user) });
  closing.push(() => messaging.close());
  return messaging;
}

async function connectionOf(user: string): Promise<NatsConnection> {
  const connection = await nats.connectAs(user);
  closing.push(() => connection.close());
  return connection;
}

describe('The NATS accounts let', () => {
  it('ingest store events, find them again, and answer senders', async () => {
    const log = await logOf('ingest');
    const outcomes = await log.append([sampleEvent('ingest-run', 'a'), sampleEvent('ingest-run', 'b')]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'stored']);
    expect((await log.append([sampleEvent('ingest-run', 'a')]))[0]?.outcome).toBe('duplicate');
    const intake = await messagingOf('ingest');
    const limits = {
      subject: intake.subjects.everyIngest,
      queue: 'ingest-gateways',
      maxUnderWay: 9,
      overloaded: Object,
    };
    await intake.answer(limits, () => Promise.resolve({ accepted: true })).established;
    const sender = await messagingOf('demo-sender');
    const reply = await sender.ask(sender.subjects.ingest('demo', 'agent-os'), '{}', 60_000);
    expect(reply).toEqual({ outcome: 'answered', body: { accepted: true } });
  });

  it('the projector read the log in order, tell of silent runs, and erase', async () => {
    const log = await logOf('projector');
    await log.append([sampleEvent('projector-run', 'a')]);
    const stop = new AbortController();
    let read = 0;
    for await (const batch of log.tail(0, { after: 0, maxEntries: 10, signal: stop.signal })) {
      read += batch.length;
      if ((await log.identity(0)).lastSequence <= read) stop.abort();
    }
    expect(read).toBeGreaterThan(0);
    const shard = log.shardFor('demo');
    const subject = shard.runSubject('demo', 'projector-run');
    expect(await shard.erase(subject)).toMatchObject({ messages: 1, overwritten: true });
    await shard.purge(subject);
  });

  it('the realtime gateway hear and read what is stored, and hand out marks and workflows', async () => {
    const log = await logOf('realtime');
    const shard = log.shardFor('demo');
    const subject = shard.runSubject('demo', 'watched-run');
    const heard: string[] = [];
    const watch = shard.watch(subject, ({ entry }) => heard.push(entry.kind));
    await watch.established;
    await log.append([sampleEvent('watched-run', 'a')]);
    await waitFor(() => heard.length === 1, { describe: 'the live event' });
    expect((await shard.readSubject(subject, 0, 10)).entries).toHaveLength(1);
    watch.stop();
    const marks = await ReplayMarks.open(await messagingOf('realtime'));
    await marks.set(['who'], 7);
    expect(await marks.get(['who'])).toBe(7);
  });

  it('a worker run its tenant’s agents and workflows, hear cancels and say that it works', async () => {
    const gateway = await messagingOf('realtime');
    const worker = await messagingOf('demo-worker');
    const queue = await WorkflowQueue.open(gateway);
    const ran: string[] = [];
    const runAgent = (command: AgentCommand) => Promise.resolve(void ran.push(command.run));
    const options = { tenant: 'demo', maxUnderWay: 4 };
    const agents = await takeCommands(worker, { ...options, agent: 'researcher' }, runAgent);
    const flow = { ...options, agent: 'research-flow', ackWaitMs: 30_000 };
    const flows = await takeWorkflows(worker, flow, runAgent, () => Promise.resolve());
    closing.push(() => Promise.all([agents.stop(), flows.stop()]));
    const command = (run: string, agent: string): AgentCommand => ({
      id: run,
      tenant: 'demo',
      agent,
      run,
      message: 'go',
      dialect: 'runcast',
      input: {},
    });
    expect(await new AgentCommands(gateway).send(command('asked', 'researcher'))).toMatchObject({
      outcome: 'accepted',
    });
    await queue.add(command('queued', 'research-flow'));
    await waitFor(() => ran.length === 2, { describe: () => `both to run; ran: ${ran.join()}` });
    const beats: unknown[] = [];
    gateway.listen(gateway.subjects.working('demo'), (body) => beats.push(body));
    await gateway.connection.flush();
    worker.tell(worker.subjects.working('demo'), { runs: ['asked'] });
    await waitFor(() => beats.length > 0, { describe: 'the sign of life' });
    // Acknowledged: the queue is empty, nothing comes back.
    await waitFor(async () => (await streamInfo('COMMANDS')).state.messages === 0, { describe: 'an empty queue' });
  });
});

async function streamInfo(name: string): Promise<{ state: { messages: number } }> {
  const admin = await nats.connectAs('admin');
  const answer = await admin.request(`$JS.API.STREAM.INFO.${name}`, '', { timeout: 60_000 });
  await admin.close();
  return answer.json();
}

const FORGED = { publish: 'live.0.demo.r.any' };

/** What each user must not do, and why it would want to. */
const DENIED: readonly [user: string, what: string, how: { publish?: string; subscribe?: string; request?: string }][] =
  [
    ['ingest', 'forge a live event', FORGED],
    ['ingest', 'listen to live events', { subscribe: 'live.>' }],
    ['ingest', 'listen to another user’s answers', { subscribe: '_INBOX.realtime.>' }],
    ['ingest', 'listen to everybody’s answers', { subscribe: '_INBOX.>' }],
    ['ingest', 'take events besides the other gateways', { subscribe: 'runcast.ingest.*.*' }],
    ['ingest', 'start an agent', { publish: 'runcast.command.demo.researcher' }],
    ['ingest', 'delete the log', { request: '$JS.API.STREAM.DELETE.EVENTS-0' }],
    ['ingest', 'purge the log', { request: '$JS.API.STREAM.PURGE.EVENTS-0' }],
    ['ingest', 'read the log through a consumer', { request: '$JS.API.CONSUMER.CREATE.EVENTS-0' }],
    ['projector', 'forge a live event', FORGED],
    ['projector', 'take events in', { subscribe: 'runcast.ingest.*.*' }],
    ['projector', 'delete the log', { request: '$JS.API.STREAM.DELETE.EVENTS-0' }],
    ['projector', 'change the log', { request: '$JS.API.STREAM.UPDATE.EVENTS-0' }],
    ['projector', 'empty the queue of workflows', { request: '$JS.API.STREAM.PURGE.COMMANDS' }],
    ['projector', 'delete a queued command', { request: '$JS.API.STREAM.MSG.DELETE.COMMANDS' }],
    ['projector', 'take a queued command', { request: '$JS.API.CONSUMER.MSG.NEXT.COMMANDS.x' }],
    ['projector', 'make a consumer of the queue', { request: '$JS.API.CONSUMER.CREATE.COMMANDS.x.y' }],
    ['realtime', 'forge a live event', FORGED],
    ['realtime', 'take events in', { subscribe: 'runcast.ingest.*.*' }],
    ['realtime', 'answer in place of an agent', { subscribe: 'runcast.command.demo.researcher' }],
    ['realtime', 'purge the log', { request: '$JS.API.STREAM.PURGE.EVENTS-0' }],
    ['realtime', 'delete the queue', { request: '$JS.API.STREAM.DELETE.COMMANDS' }],
    ['admin', 'write an event', { publish: 'evt.0.demo.r.any' }],
    ['admin', 'forge a live event', FORGED],
    ['admin', 'listen to live events', { subscribe: 'live.>' }],
    ['demo-worker', 'write to the log past the gateways', { publish: 'evt.0.demo.r.any' }],
    ['demo-worker', 'tell events of another tenant', { publish: 'runcast.ingest.acme.runcast' }],
    ['demo-worker', 'take commands of another tenant', { subscribe: 'runcast.command.acme.*' }],
    ['demo-worker', 'listen to commands besides the other workers', { subscribe: 'runcast.command.demo.*' }],
    ['demo-worker', 'hear another tenant’s cancels', { subscribe: 'runcast.cancel.acme' }],
    [
      'demo-worker',
      'queue up for another tenant’s workflow',
      {
        request: '$JS.API.CONSUMER.CREATE.COMMANDS.any.runcast.workflow.acme.flow',
      },
    ],
    ['demo-worker', 'take another tenant’s queued command', { request: '$JS.API.CONSUMER.MSG.NEXT.COMMANDS.other' }],
    ['demo-worker', 'read the log', { request: '$JS.API.DIRECT.GET.EVENTS-0' }],
    ['demo-sender', 'tell events of another tenant', { publish: 'runcast.ingest.acme.runcast' }],
    ['demo-sender', 'write to the log past the gateways', { publish: 'evt.0.demo.r.any' }],
    ['demo-sender', 'listen to live events', { subscribe: 'live.>' }],
    ['demo-sender', 'listen to what others send', { subscribe: 'runcast.ingest.demo.*' }],
    ['demo-sender', 'ask JetStream anything', { request: '$JS.API.INFO' }],
  ];

describe('The NATS accounts do not let', () => {
  it.each(DENIED)('%s %s', async (user, _what, { publish, subscribe, request }) => {
    const connection = await connectionOf(user);
    if (publish) expect(await tryPublish(connection, publish)).toBe('denied');
    if (subscribe) expect(await trySubscribe(connection, subscribe)).toBe('denied');
    if (request) expect(await tryRequest(connection, request)).toBe('denied');
  });

  it('a stranger in', async () => {
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: nats.url, user: 'ingest', pass: 'guess', reconnect: false })).rejects.toThrow(
      /authorization/i,
    );
  });

  it('anything that these attempts would not see: what is allowed is told apart', async () => {
    const connection = await connectionOf('ingest');
    expect(await tryPublish(connection, 'evt.9.demo.r.any')).toBe('allowed');
    expect(await trySubscribe(connection, 'runcast.ingest.*.*', 'ingest-gateways')).toBe('allowed');
    expect(await tryRequest(connection, '$JS.API.INFO')).toBe('allowed');
  });
});
