import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { openSse, type SseReader } from '../sse-reader.fixture.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
const readers: SseReader[] = [];
beforeAll(async () => {
  under = await GatewayUnderTest.start();
});
afterAll(async () => {
  for (const reader of readers) reader.close();
  await under.close();
});

async function openChanges(key = 'acme-key'): Promise<SseReader> {
  const reader = await openSse(`${under.url}/v1/run-changes`, { 'x-api-key': key });
  readers.push(reader);
  return reader;
}

/** What a list has been told of a run, in order. */
function toldOf(reader: SseReader, run: string): string[] {
  const told = reader.all.filter(({ event }) => event === 'runs');
  const runs = told.flatMap(({ data }) => data['runs'] as { id: string; status: string }[]);
  return runs.filter(({ id }) => id === run).map(({ status }) => status);
}

describe('the changes of a tenant', () => {
  it('tell every open list how a run stands, up to its end', async () => {
    const lists = await Promise.all([openChanges(), openChanges(), openChanges()]);
    await under.tell('r1', 'run.started');
    await under.tell('r1', 'run.completed');
    for (const list of lists) {
      await waitFor(() => toldOf(list, 'r1').at(-1) === 'success', { describe: 'the end of the run' });
    }
  });

  it('are nothing to another tenant', async () => {
    const [ours, theirs] = [await openChanges(), await openChanges('rival-key')];
    await under.tell('r2', 'run.started');
    await under.tell('r3', 'run.started', {}, { tenant: 'rival' });
    await waitFor(() => toldOf(theirs, 'r3').length > 0, { describe: 'their own run' });
    await waitFor(() => toldOf(ours, 'r2').length > 0, { describe: 'our run' });
    expect([toldOf(theirs, 'r2'), toldOf(ours, 'r3')]).toEqual([[], []]);
  });
});
