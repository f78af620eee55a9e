import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DIALECT_NAMES } from '@runcast/run-events';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { closeGateways, send, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await startGateway({ natsUrl: testBackends().natsUrl, namespace: freshNamespace() });
});

afterAll(closeGateways);

const scrape = (): Promise<string> => gateway.metrics.registry.metrics();

async function countSeries(): Promise<number> {
  return (await scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

async function valueOf(series: string): Promise<number> {
  const line = (await scrape()).split('\n').find((text) => text.startsWith(`${series} `));
  if (line === undefined) throw new Error(`there is no series ${series}`);
  return Number(line.split(' ').at(-1));
}

const started = (id: string, run: string, session: string): object => ({ id, type: 'run.started', run, session });

describe('The metrics of the ingest gateway', () => {
  it('tell the results of a batch apart', async () => {
    const same = started('twice', 'r-batch', 's');
    await send(gateway, '/v1/events', [same, same, { type: 'run.started' }, started('x', 'r-batch', 's')]);
    const result = (name: string): Promise<number> =>
      valueOf(`runcast_ingest_events_total{intake="http",dialect="runcast",result="${name}"}`);
    expect(await Promise.all([result('stored'), result('duplicate'), result('invalid')])).toEqual([2, 1, 1]);
    expect(await valueOf('runcast_ingest_seconds_count{intake="http",dialect="runcast",outcome="taken"}')).toBe(1);
  });

  it('count refusals by reason', async () => {
    const before = await valueOf('runcast_refusals_total{transport="http",code="unauthenticated"}');
    await send(gateway, '/v1/events', {}, { authorization: 'Bearer nobody' });
    expect(await valueOf('runcast_refusals_total{transport="http",code="unauthenticated"}')).toBe(before + 1);
  });

  it('make no new series for hundreds of ids, dialects, paths and methods', async () => {
    const request = async (index: number): Promise<void> => {
      const id = `id-${index}-${'x'.repeat(index % 50)}`;
      const paths = [`/v1/events?run=${id}`, `/v1/events?dialect=${id}`, `/${id}/${id}`];
      await send(gateway, paths[index % 3]!, started(id, id, id), { 'x-request-id': id, 'user-agent': id });
    };
    // Each dialect once, so that its histogram is there: series are made by what is known beforehand, not by what comes.
    for (const dialect of DIALECT_NAMES) await send(gateway, `/v1/events?dialect=${dialect}`, { nonsense: true });
    for (const index of [0, 1, 2]) await request(index);
    const before = await countSeries();
    for (let index = 3; index <= 300; index += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, offset) => request(index + offset)));
    }
    expect(await countSeries()).toBe(before);
    expect(await scrape()).not.toContain('id-');
  });

  it('have nothing under way when nothing is', async () => {
    expect(await valueOf('runcast_ingest_in_flight{intake="http"}')).toBe(0);
  });
});
