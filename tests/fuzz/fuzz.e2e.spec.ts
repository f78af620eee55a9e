import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';
import { fuzz, summary } from './fuzz.ts';

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
  for (const service of ['ingest', 'realtime', 'projector'] as const) {
    const text = readFileSync(join(runcast.home, 'logs', `${service}.log`), 'utf8');
    expect(text.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
    expect(deceivingLines(text)).toEqual([]);
    const metrics = await (await fetch(runcast.dev().metrics[service])).text();
    expect(metrics).toContain('runcast_');
    expect(sendersWords(metrics)).toEqual([]);
  }
  // It reached what it is about: events were stored, and most things were refused.
  expect(report.statuses['202']).toBeGreaterThan(50);
  expect(report.statuses['400']).toBeGreaterThan(500);
});

/** Lines of a log that a terminal or a reader of JSON could take for something else. */
function deceivingLines(log: string): string[] {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  return log.split('\n').filter((line) => line !== '' && (controls.test(line) || !line.startsWith('{"')));
}

/** What only senders say, in ids, types and paths: none of it may become a label. */
function sendersWords(metrics: string): string[] {
  // Node's own series are not ours to name: V8 calls one of its spaces "shared".
  const ours = metrics.split('\n').filter((line) => line.startsWith('runcast_'));
  const words = ['shared', 'note.taken', 'passwd', 'alert(1)', 'DROP TABLE', 'x-injected', 'ONLY-'];
  return words.filter((word) => ours.some((line) => line.includes(word)));
}

it('control: a log line with an escape, one that is no JSON, and a label of a sender are found', () => {
  expect(deceivingLines('{"a":1}\n{"a":"\u001b[2J"}\nforged\n')).toEqual(['{"a":"\u001b[2J"}', 'forged']);
  expect(sendersWords('runcast_x{run="shared"} 1')).toEqual(['shared']);
});
