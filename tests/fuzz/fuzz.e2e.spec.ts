import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';
import { fuzz, summary } from './fuzz.ts';

jest.setTimeout(120_000);

let runcast: RunningRuncast;
beforeAll(async () => {
  runcast = await startRuncast();
});
afterAll(() => runcast?.stop());

it('answers everything that is sent with something documented, crashes at nothing, and shows nobody another tenant', async () => {
  const before = runcast.dev().pids;
  const report = await fuzz(runcast.dev(), { seed: 20_261_121, count: 4_000 });
  process.stdout.write(`${summary(report)}\n`);
  expect(report.faults).toEqual([]);
  expect(runcast.dev().pids).toEqual(before);
  for (const service of ['ingest', 'realtime', 'projector']) {
    const lines = readFileSync(join(runcast.home, 'logs', `${service}.log`), 'utf8').split('\n');
    expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  }
  // It reached what it is about: events were stored, and most things were refused.
  expect(report.statuses['202']).toBeGreaterThan(50);
  expect(report.statuses['400']).toBeGreaterThan(500);
});
