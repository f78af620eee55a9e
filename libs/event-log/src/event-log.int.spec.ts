import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import type { RunEvent } from '@runcast/run-events';
import { freshNamespace, startTcpProxy, testBackends, waitFor } from '@runcast/test-harness';
import {
  EventLog,
  LogIdentityError,
  LogSetupError,
  LogUnavailableError,
  type EntryPage,
  type LiveEntry,
  type LogEntry,
} from './index.ts';
import { streamName } from './streams.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openLog(namespace: string, servers = testBackends().natsUrl, shards = 1): Promise<EventLog> {
  const log = await EventLog.connect({ servers, clientName: 'spec', namespace, shards, maxBytes: 64 * 1024 * 1024 });
  closing.push(() => log.close());
  return log;
}

async function manager() {
  const connection = await connect({ servers: testBackends().natsUrl });
  closing.push(() => connection.close());
  return jetstreamManager(connection);
}

function event(run: string, id: string, more: Partial<RunEvent> = {}): RunEvent {
  return {
    id,
    tenant: 'acme',
    run,
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T08:00:00.000000Z',
    dialect: 'runcast',
    data: { step: id },
    raw: JSON.stringify({ id }),
    ...more,
  };
}

const outcomes = (results: { outcome: string }[]) => results.map((result) => result.outcome);
const idsOf = (entries: readonly LogEntry[]) =>
  entries.map((entry) => (entry.kind === 'event' ? entry.event.id : entry.kind));

async function idsOfRun(log: EventLog, run: string): Promise<string[]> {
  const shard = log.shardFor('acme');
  return idsOf((await shard.readSubject(shard.runSubject('acme', run), 0, 1_000)).entries);
}

/** Reads the tail until it has given `count` entries. */
async function readTail(log: EventLog, after: number, count: number): Promise<LogEntry[]> {
  const stop = new AbortController();
  const got: LogEntry[] = [];
  for await (const batch of log.tail(0, { after, maxEntries: 100, signal: stop.signal })) {
    got.push(...batch);
    if (got.length >= count) stop.abort();
  }
  return got;
}

describe('append', () => {
  it('on the condition that the run has said nothing since is refused when it has, and repeats no word', async () => {
    const log = await openLog(freshNamespace());
    const shard = log.shard(0);
    await log.append([event('r', 'a'), event('other', 'a'), event('r', 'b')]);
    expect(await shard.appendAfter(event('r', 'stale'), 1)).toBe(false);
    expect(await idsOfRun(log, 'r')).toEqual(['a', 'b']);
    const twice = await Promise.all([3, 3].map((last) => shard.appendAfter(event('r', 'stale'), last)));
    expect(twice).toContain(true);
    expect(await shard.appendAfter(event('new', 'first'), 0)).toBe(true);
    expect([await idsOfRun(log, 'r'), await idsOfRun(log, 'new')]).toEqual([['a', 'b', 'stale'], ['first']]);
  });

  it('gives back events that are larger than a page, and many small ones, all of them in order', async () => {
    const log = await openLog(freshNamespace());
    const sizes = [
      ...Array.from({ length: 20 }, () => 40_000),
      900_000,
      10,
      900_000,
      ...Array.from({ length: 600 }, () => 10),
    ];
    const events = sizes.map((size, index) =>
      event('r', `e${index}`, { raw: JSON.stringify({ filling: 'x'.repeat(size) }) }),
    );
    for (let from = 0; from < events.length; from += 50) await log.append(events.slice(from, from + 50));
    const shard = log.shard(0);
    const got: LogEntry[] = [];
    let pages = 0;
    for (let after = 0, complete = false; !complete; after = got.length, pages += 1) {
      const page = await shard.readSubject(shard.runSubject('acme', 'r'), after, 500);
      got.push(...page.entries);
      complete = page.complete;
    }
    expect(idsOf(got)).toEqual(events.map(({ id }) => id));
    expect(pages).toBeGreaterThan(4);
    expect(pages).toBeLessThan(20);
  });

  it('gives a reader that goes on the pages behind the first without being asked, each event once and in order', async () => {
    const log = await openLog(freshNamespace());
    const events = Array.from({ length: 300 }, (_, index) =>
      event('r', `e${index}`, { raw: JSON.stringify({ filling: 'x'.repeat(index % 7 === 0 ? 30_000 : 2_000) }) }),
    );
    for (let from = 0; from < events.length; from += 50) await log.append(events.slice(from, from + 50));
    const shard = log.shard(0);
    const sizes: number[] = [];
    const got: LogEntry[] = [];
    let answers = 0;
    for (let complete = false; !complete; answers += 1) {
      let page: EntryPage | undefined = await shard.readOn(shard.runSubject('acme', 'r'), got.length, 500);
      for (; page !== undefined; page = await page.next) {
        got.push(...page.entries);
        sizes.push(page.entries.length);
        complete = page.complete;
      }
    }
    expect(idsOf(got)).toEqual(events.map(({ id }) => id));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(answers).toBeLessThan(sizes.length / 2);
  });

  it('answers with positions that rise in the order of the events', async () => {
    const log = await openLog(freshNamespace());
    const results = await log.append([event('r', 'a'), event('r', 'b'), event('r', 'c')]);
    expect(results.map((result) => 'position' in result && result.position.sequence)).toEqual([1, 2, 3]);
    expect(await idsOfRun(log, 'r')).toEqual(['a', 'b', 'c']);
  });

  it('stores the same id once: within one call, again, and through another gateway', async () => {
    const namespace = freshNamespace();
    const [one, other] = [await openLog(namespace), await openLog(namespace)];
    expect(outcomes(await one.append([event('r', 'a'), event('r', 'a'), event('r', 'b')]))).toEqual([
      'stored',
      'duplicate',
      'stored',
    ]);
    expect(outcomes(await one.append([event('r', 'a')]))).toEqual(['duplicate']);
    expect(outcomes(await other.append([event('r', 'c'), event('r', 'a'), event('r', 'd')]))).toEqual([
      'stored',
      'duplicate',
      'stored',
    ]);
    expect(await idsOfRun(one, 'r')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('calls the same id with another text a conflict and keeps the first', async () => {
    const namespace = freshNamespace();
    const [one, other] = [await openLog(namespace), await openLog(namespace)];
    await one.append([event('r', 'a')]);
    const changed = event('r', 'a', { raw: '{"changed":true}' });
    expect(outcomes(await one.append([changed]))).toEqual(['conflict']);
    expect(outcomes(await other.append([changed, event('r', 'b')]))).toEqual(['conflict', 'stored']);
  });

  it('takes the same event id in different runs and tenants for different events', async () => {
    const log = await openLog(freshNamespace());
    await log.append([event('r1', 'a'), event('r2', 'a')]);
    expect(outcomes(await log.append([event('r1', 'a', { tenant: 'other' })]))).toEqual(['stored']);
    expect(await idsOfRun(log, 'r2')).toEqual(['a']);
  });

  it('puts the link of a session before the first event that names it, once', async () => {
    const log = await openLog(freshNamespace());
    await log.append([event('r', 'a'), event('r', 'b', { session: 's' }), event('r', 'c', { session: 's' })]);
    await log.append([event('r', 'd', { session: 's' })]);
    expect(idsOf(await readTail(log, 0, 5))).toEqual(['a', 'link', 'b', 'c', 'd']);
  });

  it('says of an event beyond the limit how large it is, and stores the others', async () => {
    const log = await openLog(freshNamespace());
    const large = event('r', 'large', { raw: `"${'x'.repeat(5 * 1024 * 1024)}"` });
    const [first, second] = await log.append([large, event('r', 'small')]);
    expect(first).toMatchObject({ outcome: 'too-large' });
    expect(second).toMatchObject({ outcome: 'stored' });
  });

  it('keeps the order of calls within a run when hundreds are under way', async () => {
    const log = await openLog(freshNamespace());
    const expected = Array.from({ length: 400 }, (_, index) => `e${index}`);
    await Promise.all(
      expected.flatMap((id, index) => [log.append([event('r', id)]), log.append([event(`other-${index % 7}`, id)])]),
    );
    expect(await idsOfRun(log, 'r')).toEqual(expected);
  });

  it('retries through a cut connection, stores everything once and in order', async () => {
    const proxy = await startTcpProxy(testBackends().natsUrl);
    closing.push(() => proxy.close());
    const log = await openLog(freshNamespace(), `nats://127.0.0.1:${proxy.port}`);
    const expected = Array.from({ length: 60 }, (_, index) => `e${index}`);
    const appends = expected.map(async (id, index) => {
      if (index % 20 === 10) proxy.cut();
      return log.append([event('r', id)]);
    });
    const results = (await Promise.all(appends)).flat();
    expect(new Set(outcomes(results))).toEqual(new Set(['stored']));
    expect(await idsOfRun(log, 'r')).toEqual(expected);
  });

  it('rejects with log_unavailable when the log is full, and never claims to have stored', async () => {
    const namespace = freshNamespace();
    const log = await EventLog.connect({
      servers: testBackends().natsUrl,
      clientName: 'spec',
      namespace,
      shards: 1,
      maxBytes: 64 * 1024,
    });
    closing.push(() => log.close());
    const fill = async (): Promise<never> => {
      for (let index = 0; ; index += 1) await log.append([event('r', `e${index}`, { raw: `"${'x'.repeat(20_000)}"` })]);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'log_unavailable', reason: 'full', retryAfterSeconds: 30 });
    expect(log.ready()).toBe(true);
  });
});

describe('tail', () => {
  it('gives what is stored and then what comes, without a gap', async () => {
    const log = await openLog(freshNamespace());
    await log.append([event('r', 'a'), event('r', 'b')]);
    const reading = readTail(log, 1, 3);
    await log.append([event('r', 'c'), event('q', 'd')]);
    expect(idsOf(await reading)).toEqual(['b', 'c', 'd']);
  });

  it('goes on after the connection was cut in the middle of a delivery', async () => {
    const namespace = freshNamespace();
    const writer = await openLog(namespace);
    const proxy = await startTcpProxy(testBackends().natsUrl);
    closing.push(() => proxy.close());
    const reader = await openLog(namespace, `nats://127.0.0.1:${proxy.port}`);
    const expected = Array.from({ length: 500 }, (_, index) => `e${index}`);
    const reading = readTail(reader, 0, 500);
    for (let from = 0; from < 500; from += 100) {
      await writer.append(expected.slice(from, from + 100).map((id) => event('r', id)));
      proxy.cut();
    }
    expect(idsOf(await reading)).toEqual(expected);
  });

  it('can be left early while more is read ahead', async () => {
    const log = await openLog(freshNamespace());
    await log.append(Array.from({ length: 400 }, (_, index) => event('r', `e${index}`)));
    const seen: string[] = [];
    for await (const batch of log.tail(0, { after: 0, maxEntries: 10, signal: new AbortController().signal })) {
      seen.push(...idsOf(batch));
      break;
    }
    expect(seen[0]).toBe('e0');
  });

  it('leaves no consumer behind', async () => {
    const namespace = freshNamespace();
    const log = await openLog(namespace);
    await log.append([event('r', 'a')]);
    await readTail(log, 0, 1);
    const { state } = await (await manager()).streams.info(streamName(0, namespace));
    expect(state.consumer_count).toBe(0);
  });

  it('stops loudly when the stream was deleted and made anew', async () => {
    const namespace = freshNamespace();
    const log = await openLog(namespace);
    await log.append([event('r', 'a'), event('r', 'b')]);
    const stop = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const batch of log.tail(0, { after: 0, maxEntries: 10, signal: stop.signal }))
        seen.push(...idsOf(batch));
    })();
    await waitFor(() => seen.length === 2, { describe: 'the first two events' });
    await (await manager()).streams.delete(streamName(0, namespace));
    const anew = await openLog(namespace);
    const rejection = expect(reading).rejects.toThrow(LogIdentityError);
    await anew.append([event('r', 'c'), event('r', 'd'), event('r', 'e')]);
    await rejection;
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('watch', () => {
  it('shows nothing of a stream that was made anew under the positions of the old one', async () => {
    const namespace = freshNamespace();
    const log = await openLog(namespace);
    const shard = log.shardFor('acme');
    const [before, live]: [string, LiveEntry[]] = [shard.epoch, []];
    await shard.watch(shard.runSubject('acme', 'r'), (entry) => live.push(entry)).established;
    await log.append([event('r', 'a'), event('r', 'b')]);
    await waitFor(() => live.length === 2, { describe: 'two live events' });
    let missed = 0;
    shard.onMissed(() => (missed += 1));
    await (await manager()).streams.delete(streamName(0, namespace));
    const anew = await openLog(namespace);
    await anew.append([event('r', 'c')]);
    await waitFor(() => missed > 0 && shard.epoch !== before, { describe: 'the new stream to be noticed' });
    await anew.append([event('r', 'd')]);
    await waitFor(() => live.length > 2, { describe: 'the new stream to be shown' });
    const epochs = live.map(({ entry }) => entry.kind === 'event' && entry.event.position.epoch);
    expect(epochs).toEqual([before, before, anew.shard(0).epoch]);
    expect(idsOf(live.map(({ entry }) => entry))).toEqual(['a', 'b', 'd']);
  });

  it('gives every event stored after it was established, with the sequence before it on the subject', async () => {
    const log = await openLog(freshNamespace());
    const shard = log.shardFor('acme');
    const live: LiveEntry[] = [];
    const watch = shard.watch(shard.runSubject('acme', 'r'), (entry) => live.push(entry));
    await watch.established;
    await log.append([event('r', 'a'), event('q', 'b'), event('r', 'c')]);
    await waitFor(() => live.length === 2, { describe: 'two live events' });
    expect(live.map(({ sequence, previousSequence }) => [sequence, previousSequence])).toEqual([
      [1, 0],
      [3, 1],
    ]);
    const stored = await shard.readSubject(shard.runSubject('acme', 'r'), 0, 10);
    expect(live.map(({ entry }) => entry)).toEqual(stored.entries);
    watch.stop();
  });

  it('does not show a run of another tenant with the same id', async () => {
    const log = await openLog(freshNamespace());
    const shard = log.shardFor('acme');
    const live: LiveEntry[] = [];
    const watch = shard.watch(shard.runSubject('acme', '*'), (entry) => live.push(entry));
    await watch.established;
    await log.append([event('*', 'theirs', { tenant: 'other' })]);
    await log.append([event('plain', 'plain'), event('*', 'ours')]);
    await waitFor(() => live.length > 0, { describe: 'our event' });
    expect(idsOf(live.map(({ entry }) => entry))).toEqual(['ours']);
    watch.stop();
  });
});

describe('newest', () => {
  it('answers for many subjects at once and only with what is newer', async () => {
    const log = await openLog(freshNamespace());
    const shard = log.shardFor('acme');
    const runs = Array.from({ length: 1_200 }, (_, index) => `r${index}`);
    for (let from = 0; from < runs.length; from += 400) {
      await log.append(runs.slice(from, from + 400).map((run) => event(run, 'a')));
    }
    const subjects = runs.map((run) => shard.runSubject('acme', run));
    expect((await shard.newest(subjects, 0)).bySubject.size).toBe(1_200);
    const late = await shard.newest(subjects, 1_198);
    expect([...late.bySubject.values()]).toEqual([1_199, 1_200]);
    expect(late.appliedUpTo).toBe(1_200);
    expect((await shard.newest(subjects, 1_200)).bySubject.size).toBe(0);
  });
});

describe('connect', () => {
  it('refuses a stream that was made for another number of shards', async () => {
    const namespace = freshNamespace();
    await openLog(namespace);
    await expect(openLog(namespace, undefined, 2)).rejects.toThrow(LogSetupError);
  });

  it('lets two processes create the stream at once', async () => {
    const namespace = freshNamespace();
    const logs = await Promise.all(Array.from({ length: 5 }, () => openLog(namespace)));
    expect(new Set(logs.map((log) => log.shard(0).epoch)).size).toBe(1);
  });

  it('keeps the events of a tenant in one shard', async () => {
    const log = await openLog(freshNamespace(), undefined, 3);
    const shards = Array.from({ length: 30 }, (_, index) => log.shardFor(`tenant-${index}`).number);
    expect(new Set(shards)).toEqual(new Set([0, 1, 2]));
    expect(log.shardFor('tenant-1')).toBe(log.shardFor('tenant-1'));
  });

  it('fails when nobody answers', async () => {
    await expect(openLog(freshNamespace(), 'nats://127.0.0.1:1')).rejects.toThrow();
    expect(LogUnavailableError).toBeDefined();
  });
});
