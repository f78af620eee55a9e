import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@runcast/run-events';
import { waitFor } from '@runcast/test-harness';
import { openSse, type SseReader } from '../sse-reader.fixture.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

/** Shorter than any real retention, long enough for a tail check, and for the tables to follow on a busy machine. */
const MAX_AGE_MS = 3_000;

let gateway: GatewayUnderTest;
const readers: SseReader[] = [];
beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ maxAgeMs: MAX_AGE_MS, settings: { RUNCAST_TAIL_CHECK_MS: '100' } });
});
afterAll(async () => {
  for (const reader of readers) reader.close();
  await gateway.close();
});

function event(run: string, id: string, session?: string): RunEvent {
  const said = { type: 'step.started', run, data: { step: id } };
  return {
    id,
    tenant: 'acme',
    level: 'info',
    occurredAt: '2026-11-21T08:00:00.000000Z',
    dialect: 'runcast',
    raw: JSON.stringify(said),
    ...said,
    ...(session !== undefined && { session }),
  };
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `e${from + index}`);

async function watch(path: string): Promise<SseReader> {
  const reader = await openSse(`${gateway.url}${path}`, { authorization: 'Bearer acme-key' });
  readers.push(reader);
  return reader;
}

async function whenTrimmed(sequence: number): Promise<void> {
  const trimmed = async (): Promise<boolean> => (await gateway.log.shard(0).trimmedUpTo()) >= sequence;
  await waitFor(trimmed, { describe: `the log has dropped everything up to ${sequence}` });
}

async function append(events: RunEvent[]): Promise<number> {
  const last = (await gateway.log.append(events)).at(-1)!;
  return 'position' in last ? last.position.sequence : 0;
}

describe('what the log has dropped for its age', () => {
  it('is replayed from the tables, and the feed goes on live behind it without a gap', async () => {
    await whenTrimmed(await append(ids(0, 30).map((id) => event('r', id))));
    const reader = await watch('/v1/runs/r/stream');
    await reader.until(30);
    await append(ids(30, 40).map((id) => event('r', id)));
    await reader.until(40);
    expect(reader.ids()).toEqual(ids(0, 40));
    const resumed = await openSse(`${gateway.url}/v1/runs/r/stream`, {
      authorization: 'Bearer acme-key',
      'last-event-id': reader.events[9]!.id!,
    });
    readers.push(resumed);
    await resumed.until(30);
    expect(resumed.ids()).toEqual(ids(10, 40));
  });

  it('still says which runs joined a session', async () => {
    await whenTrimmed(await append(ids(0, 5).map((id) => event('joined', id, 's'))));
    const reader = await watch('/v1/sessions/s/stream');
    await reader.until(5);
    await append([event('joined', 'e5')]);
    await reader.until(6);
    expect(reader.ids()).toEqual(ids(0, 6));
  });

  it('still says what the run is called', async () => {
    await whenTrimmed(await append([{ ...event('named', 'e0'), agent: 'helper' }]));
    await append([event('named', 'e1')]);
    const reader = await watch('/v1/runs/named/stream?dialect=lyzr-agent');
    await reader.until(2);
    const told = reader.events.map(({ data }) => data['agent_id']);
    expect(told).toEqual(['helper', 'helper']);
  });
});
