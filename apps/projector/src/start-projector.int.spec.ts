import { expect, it } from '@jest/globals';
import { migrate, openDatabase } from '@runcast/read-models';
import { createLogger, drain, loadConfig, Metrics, Readiness } from '@runcast/service-host';
import { freshDatabase, freshNamespace, testBackends, waitFor } from '@runcast/test-harness';
import { configSchema } from './config.ts';
import { startProjector } from './start-projector.ts';

it('the service answers for its shards while it runs, and hands them over when it is stopped', async () => {
  const { url } = await freshDatabase();
  await migrate(url);
  const lines: string[] = [];
  const logger = createLogger({
    service: 'projector',
    level: 'info',
    destination: { write: (line) => lines.push(line) },
  });
  const config = loadConfig(configSchema, {
    NATS_URL: testBackends().natsUrl,
    DATABASE_URL: url,
    RUNCAST_NAMESPACE: freshNamespace(),
    RUNCAST_SHARDS: '2',
    HOST: '127.0.0.1',
    PORT: '0',
  });
  const readiness = new Readiness();
  const steps = await startProjector({ config, logger, readiness, metrics: new Metrics() });
  const facts = { state: 'projecting', sequence: 0, lagEvents: 0, lagSeconds: 0 };
  await waitFor(() => readiness.report().status === 'ready', { describe: 'both shards to be looked after' });
  expect(readiness.report().checks).toEqual([
    { name: 'shard-0', ready: true, facts },
    { name: 'shard-1', ready: true, facts },
  ]);

  const report = await drain(steps, new Promise(() => undefined));
  expect(report).toMatchObject({ completed: ['projecting', 'log', 'database', 'http'], failed: [], unfinished: [] });
  const database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
  const { rows } = await database.query('SELECT holder, lease_until FROM projection ORDER BY shard');
  expect(rows).toEqual(Array(2).fill({ holder: null, lease_until: null }));
  await database.end();
  expect(lines.join('')).not.toMatch(/"level":"error"/);
});
