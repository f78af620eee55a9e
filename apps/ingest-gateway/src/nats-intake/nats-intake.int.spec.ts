import { Redactor } from '@runcast/redaction';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Messaging, type Answering } from '@runcast/agent-commands';
import { EventLog, LogUnavailableError, type AppendOutcome } from '@runcast/event-log';
import { DIALECT_NAMES, type RunEvent } from '@runcast/run-events';
import { createLogger, LeasedBuckets } from '@runcast/service-host';
import { freshNamespace, testBackends, waitFor } from '@runcast/test-harness';
import fc from 'fast-check';
import { Intake } from '../intake.ts';
import { startNatsIntake } from './nats-intake.ts';
import { plainRequest } from './plain-nats.fixture.ts';

const closings: (() => Promise<unknown>)[] = [];
let log: EventLog;
let messaging: Messaging;
let sender: Messaging;
let namespace: string;

beforeEach(async () => {
  namespace = freshNamespace();
  const nats = { servers: testBackends().natsUrl, clientName: 'spec', namespace };
  log = await EventLog.connect({ ...nats, shards: 1, maxBytes: 64 * 1024 * 1024 });
  messaging = await Messaging.connect(nats);
  sender = await Messaging.connect(nats);
  closings.push(
    () => sender.close(),
    () => messaging.close(),
    () => log.close(),
  );
});
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

const faults: string[] = [];
const logger = createLogger({
  service: 'spec',
  level: 'error',
  destination: { write: (line) => void faults.push(line) },
});

async function start(into: Pick<EventLog, 'append'> = log, limit?: number): Promise<Answering> {
  const perTenant = new LeasedBuckets(0, () => Promise.reject(new Error('no store')));
  const parts = { messaging, intake: new Intake(into, () => new Redactor()), perTenant, logger };
  const intake = startNatsIntake(parts, limit);
  await intake.established;
  return intake;
}

const subject = (tenant = 'acme') => sender.subjects.ingest(tenant, 'runcast');

async function send(text: string | object, to = subject()) {
  const reply = await sender.ask(to, typeof text === 'string' ? text : JSON.stringify(text), 60_000);
  return reply.outcome === 'answered' ? reply.body : reply.outcome;
}

async function logged(count: number): Promise<RunEvent[]> {
  const stop = new AbortController();
  const events: RunEvent[] = [];
  for await (const entries of log.tail(0, { after: 0, maxEntries: 500, signal: stop.signal })) {
    for (const entry of entries) if (entry.kind === 'event') events.push(entry.event);
    if (events.length >= count) stop.abort();
  }
  return events;
}

/** A log whose appends wait until they are released. */
function heldLog() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = {
    waiting: 0,
    release: resolve,
    append: async (events: readonly RunEvent[]): Promise<AppendOutcome[]> => {
      held.waiting += 1;
      await promise;
      return log.append(events);
    },
  };
  return held;
}

describe('the NATS intake', () => {
  it('takes plain JSON from a client that knows nothing of us, and answers in plain JSON', async () => {
    await start();
    const text = '{"type":"note","run":"r","id":"e1","data":{"n":12345678901234567890}}';
    const answer = await plainRequest(testBackends().natsUrl, `runcast_${namespace}.ingest.acme.runcast`, text);
    const position = expect.stringMatching(/^0\.[0-9a-f]+\.\d+$/) as unknown;
    expect(JSON.parse(answer)).toEqual({ accepted: true, event_id: 'e1', run_id: 'r', position, duplicate: false });
    expect(await logged(1)).toMatchObject([{ tenant: 'acme', run: 'r', raw: text }]);
  });

  it('stores the same event once, however often and however it is sent', async () => {
    await start();
    const event = { type: 'note', run: 'r', id: 'e1' };
    expect(await send(event)).toMatchObject({ accepted: true, duplicate: false });
    expect(await send(event)).toMatchObject({ accepted: true, duplicate: true });
    expect(await send([event, { ...event, id: 'e2' }])).toMatchObject({
      accepted: true,
      results: [{ status: 'duplicate' }, { status: 'stored' }],
    });
    expect(await send({ ...event, data: { other: true } })).toMatchObject({ accepted: false, code: 'event_conflict' });
  });

  it('stores the good events of lines beside the bad ones and says which is which', async () => {
    await start();
    const lines = '{"type":"a","run":"r"}\n{"type":1}\n{"type":"b","run":"r"}';
    expect(await send(lines)).toMatchObject({
      accepted: false,
      results: [{ status: 'stored' }, { status: 'invalid' }, { status: 'stored' }],
    });
  });

  it('keeps tenants apart by their subjects, whatever their names are', async () => {
    await start();
    for (const tenant of ['a.b', 'a', '*', '>']) await send({ type: 'x', run: 'r', id: 'same' }, subject(tenant));
    expect((await logged(4)).map(({ tenant }) => tenant)).toEqual(['a.b', 'a', '*', '>']);
  });

  it('says with the problem of HTTP what is wrong with an event', async () => {
    await start();
    expect(await send({ run: 'r' })).toMatchObject({
      accepted: false,
      status: 400,
      code: 'invalid_event',
      errors: [{ field: 'type' }],
      request_id: expect.any(String) as unknown,
    });
    expect(await send('{}', `runcast_${namespace}.ingest.acme.klingon`)).toMatchObject({ code: 'invalid_request' });
  });

  it('says "unknown, send it again" while the log does not answer', async () => {
    await start({ append: () => Promise.reject(new LogUnavailableError('timeout', 'spec')) });
    expect(await send({ type: 'x', run: 'r' })).toMatchObject({ status: 503, code: 'unavailable', retry_after: 2 });
  });

  it('answers overloaded at once above its limit, and takes again when there is room', async () => {
    const held = heldLog();
    await start(held, 2);
    const first = [send({ type: 'x', run: 'a' }), send({ type: 'x', run: 'b' })];
    await waitFor(() => held.waiting === 2, { describe: 'two messages under way' });
    expect(await send({ type: 'x', run: 'c' })).toMatchObject({ accepted: false, code: 'overloaded', retry_after: 1 });
    held.release();
    expect(await Promise.all(first)).toMatchObject([{ accepted: true }, { accepted: true }]);
    expect(await send({ type: 'x', run: 'c' })).toMatchObject({ accepted: true });
  });

  it('answers what it has taken when it is told to stop, and leaves the rest to others', async () => {
    const held = heldLog();
    const intake = await start(held);
    const taken = send({ type: 'x', run: 'a' });
    await waitFor(() => held.waiting === 1, { describe: 'a message under way' });
    const stopped = intake.stop();
    held.release();
    expect(await taken).toMatchObject({ accepted: true });
    await stopped;
    expect(await send({ type: 'x', run: 'b' })).toBe('nobody');
  });

  it('answers anything with an object, and never with a fault of ours', async () => {
    await start();
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.array(fc.jsonValue()).map((all) => JSON.stringify(all)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...DIALECT_NAMES), text, async (dialect, body) => {
        const answer = await send(body, sender.subjects.ingest('acme', dialect));
        expect(answer).toHaveProperty('accepted');
      }),
      { numRuns: 200 },
    );
    expect(faults).toEqual([]);
  });
});
