import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { freshNamespace, startTcpProxy, testBackends, waitFor, type TcpProxy } from '@runcast/test-harness';
import { LogOverloadedError, LogUnavailableError } from './errors.ts';
import { DEFAULT_LIMITS, GroupCommit, type Commit, type GroupCommitLimits } from './group-commit.ts';
import { Publisher, type Outgoing } from './publisher.ts';

let proxy: TcpProxy;
let connection: NatsConnection;
let direct: NatsConnection;
let manager: JetStreamManager;
let stream: string;
/** How many messages each group had, in the order in which they ended. */
let commits: number[];

beforeEach(async () => {
  stream = freshNamespace();
  commits = [];
  direct = await connect({ servers: testBackends().natsUrl });
  manager = await jetstreamManager(direct);
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`], allow_atomic: true, duplicate_window: 60e9 });
  proxy = await startTcpProxy(testBackends().natsUrl);
  connection = await connect({ servers: `127.0.0.1:${proxy.port}`, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
});
afterEach(async () => {
  proxy.resume();
  await connection.close();
  await manager.streams.delete(stream);
  await direct.close();
  await proxy.close();
});

/** How long an attempt waits that is going to be answered: nothing is sent twice because the machine is slow. */
const ANSWERED_MS = 60_000;
/** How long an attempt waits whose answer is lost. */
const LOST_MS = 300;

function groupCommit(limits: Partial<GroupCommitLimits> = {}, attemptMs = ANSWERED_MS): GroupCommit {
  const onCommit = (commit: Commit): void => void commits.push(commit.messages);
  return new GroupCommit(new Publisher(connection, attemptMs), { ...DEFAULT_LIMITS, ...limits }, Date.now, onCommit);
}

function message(run: string, id: string): Outgoing {
  return { subject: `${stream}.${run}`, messageId: id, data: new TextEncoder().encode(id) };
}

async function stored(): Promise<string[]> {
  const { state } = await manager.streams.info(stream);
  const sequences = Array.from({ length: state.last_seq }, (_, index) => index + 1);
  const messages = await Promise.all(sequences.map((seq) => manager.streams.getMessage(stream, { seq })));
  return messages.map((one) => one!.string());
}

/** As many turns of the event loop as a group gathers at most before it leaves, and some. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn(undefined);
}

const nextTurn = <T>(value: T): Promise<T> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve, value)));

describe('a group commit', () => {
  it('refuses at once what goes beyond its bound, stores the rest, and then takes more', async () => {
    proxy.pause();
    const commit = groupCommit({ maxWaitingMessages: 3 });
    const taken = ['a', 'b', 'c'].map((id) => commit.append([message('r', id)]));
    expect(() => commit.append([message('r', 'd')])).toThrow(LogOverloadedError);
    expect(commit.pending).toBe(3);
    proxy.resume();
    await Promise.all(taken);
    await commit.append([message('r', 'e')]);
    expect(await stored()).toEqual(['a', 'b', 'c', 'e']);
    expect(commit.pending).toBe(0);
  });

  it('repeats at once what was under way when the connection was lost, and sends nothing until it is back', async () => {
    const publisher = new Publisher(connection, 600_000); // nobody waits so long for an answer
    const commit = new GroupCommit(publisher);
    proxy.pause();
    const taken = Promise.all(['a', 'b'].map((id) => commit.append([message('r', id)])));
    await waitFor(() => commit.pending === 2, { describe: 'both are under way' });
    await expect(Promise.race([taken, nextTurn('waiting')])).resolves.toBe('waiting');
    publisher.interrupt();
    proxy.resume();
    const refused = new GroupCommit(publisher, { ...DEFAULT_LIMITS, deadlineMs: 0 }).append([message('r', 'c')]);
    await expect(refused).rejects.toMatchObject({ reason: 'disconnected' });
    publisher.resume();
    await taken;
    expect(await stored()).toEqual(['a', 'b']);
  });

  it('gathers what comes while a group is under way, and sends it as one', async () => {
    const commit = groupCommit();
    proxy.pause();
    const taken: Promise<void>[] = [];
    for (const id of ['a', 'b', 'c', 'd']) {
      taken.push(commit.append([message(`run-${id}`, id)]));
      await turns();
    }
    expect(connection.stats().outMsgs).toBe(1);
    proxy.resume();
    await Promise.all(taken);
    expect(commits).toEqual([1, 3]);
  });

  it('does not let so many wait for the group that is under way', async () => {
    const commit = groupCommit({ worthASecond: 3 });
    proxy.pause();
    const taken = [commit.append([message('r', 'a')])];
    await turns();
    for (const id of ['b', 'c', 'd', 'e']) taken.push(commit.append([message(`run-${id}`, id)]));
    await turns();
    expect(connection.stats().outMsgs).toBe(5);
    proxy.resume();
    await Promise.all(taken);
    expect(commits).toEqual([1, 4]);
  });

  it('lets others go while a group is being repeated', async () => {
    const commit = groupCommit({}, LOST_MS);
    const repeated = jest.spyOn(connection, 'request');
    const sentOf = (run: string) => repeated.mock.calls.filter(([subject]) => subject === `${stream}.${run}`).length;
    proxy.pause();
    const first = commit.append([message('r', 'a')]);
    await waitFor(() => sentOf('r') > 1, { describe: 'the first is repeated' });
    const second = commit.append([message('other', 'b')]);
    await waitFor(() => sentOf('other') > 0, { describe: 'the second is sent' });
    proxy.resume();
    await Promise.all([first, second]);
    expect((await stored()).toSorted()).toEqual(['a', 'b']);
  });

  it('tells a known id among a few apart without storing the others twice', async () => {
    const commit = groupCommit();
    await commit.append([message('r', 'known')]);
    const messages = ['a', 'known', 'b'].map((id) => message(id === 'known' ? 'r' : `run-${id}`, id));
    await Promise.all(messages.map((one) => commit.append([one])));
    expect(messages.map(({ ack }) => ack?.duplicate)).toEqual([false, true, false]);
    expect((await stored()).toSorted()).toEqual(['a', 'b', 'known']);
  });

  it('never parts the messages of one append, however few', async () => {
    const commit = groupCommit();
    await commit.append([message('r', 'known')]);
    // As one batch it is refused for the id that is known, and only then halved; side by side nothing is refused.
    const sent = connection.stats().outMsgs;
    await commit.append([message('first', 'a'), message('r', 'known')]);
    expect(connection.stats().outMsgs - sent).toBe(4);
  });

  it('refuses by bytes too', () => {
    const commit = groupCommit({ maxWaitingBytes: 4 });
    expect(() => commit.append([message('r', 'five!')])).toThrow(/bytes/);
  });

  it('gives up at the deadline, and storing again under the same ids never doubles', async () => {
    await groupCommit().append([message('r', 'a')]);
    proxy.pause();
    const hasty = groupCommit({ deadlineMs: 2 * LOST_MS }, LOST_MS);
    await expect(hasty.append([message('r', 'b')])).rejects.toThrow(LogUnavailableError);
    proxy.resume();
    const again = message('r', 'b');
    await groupCommit().append([again]);
    expect(again.ack?.sequence).toBe(2);
    expect(await stored()).toEqual(['a', 'b']);
  });

  it('calls a message stored, not repeated, when only the answer to its first attempt was lost', async () => {
    const commit = groupCommit({}, LOST_MS);
    const messages = ['a', 'b', 'c'].map((id) => message('r', id));
    // The answer to the batch is cut off in the middle; the batch itself has arrived.
    proxy.cutAfterBytes(5);
    await commit.append(messages);
    expect(messages.map(({ ack }) => ack)).toEqual([1, 2, 3].map((sequence) => ({ sequence, duplicate: false })));
    expect(await stored()).toEqual(['a', 'b', 'c']);
  });

  it('stores a batch with a known id in its middle: the others once, the known one as a duplicate', async () => {
    const commit = groupCommit();
    await commit.append([message('r', 'known')]);
    const messages = ['a', 'b', 'known', 'c', 'd'].map((id) => message('r', id));
    await commit.append(messages);
    expect(messages.map(({ ack }) => ack?.duplicate)).toEqual([false, false, true, false, false]);
    expect(await stored()).toEqual(['known', 'a', 'b', 'c', 'd']);
  });

  it('lets other runs pass while one is being retried, and keeps the order within each', async () => {
    const commit = groupCommit({ maxInFlight: 2, maxBatchMessages: 2 }, LOST_MS);
    const ids = Array.from({ length: 40 }, (_, index) => index);
    const appends = ids.map((index) => {
      if (index % 10 === 5) proxy.cut();
      return commit.append([message(`r${index % 3}`, String(index))]);
    });
    await Promise.all(appends);
    const order = (await stored()).map(Number);
    for (const run of [0, 1, 2]) {
      expect(order.filter((index) => index % 3 === run)).toEqual(ids.filter((index) => index % 3 === run));
    }
  });
});
