import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Readiness } from '../health.ts';
import { Metrics } from './metrics.ts';
import { serveMetrics, type MetricsServer } from './serve-metrics.ts';
import { addServiceMetrics } from './service-metrics.ts';

let server: MetricsServer;
const readiness = new Readiness();

beforeAll(async () => {
  const metrics = new Metrics();
  addServiceMetrics(metrics, { service: 'spec', version: '1.2.3', readiness });
  server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
});

afterAll(() => server.close());

const scrape = async (): Promise<string> => (await fetch(server.url)).text();

it('serves what Prometheus reads', async () => {
  const answer = await fetch(server.url);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  expect(text).toContain(`runcast_build_info{service="spec",version="1.2.3",node="${process.version}"} 1`);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
});

it('tells readiness and the drain as they are now', async () => {
  expect(await scrape()).toMatch(/^runcast_ready 1$/m);
  readiness.add('log', () => ({ ready: false }));
  expect(await scrape()).toMatch(/^runcast_ready 0$/m);
  readiness.startDraining();
  expect(await scrape()).toMatch(/^runcast_draining 1$/m);
});

it('serves nothing else', async () => {
  expect((await fetch(new URL('/', server.url))).status).toBe(404);
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(404);
});
