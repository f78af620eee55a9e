import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { RecordingGateway } from '@runcast/client/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

let gateway: RecordingGateway;
const children: ChildProcess[] = [];

beforeEach(async () => {
  gateway = await RecordingGateway.start();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await gateway.stop();
});

function startAgent(env: Record<string, string>, ...args: string[]): ChildProcess {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const urls = { RUNCAST_URL: gateway.url, RUNCAST_REALTIME_URL: gateway.url, RUNCAST_API_KEY: 'k' };
  // Node reads the sources itself, so that what is tested is what is written, not what was last built.
  const child = spawn(process.execPath, ['--conditions=@runcast/source', main, ...args], { env: { ...urls, ...env } });
  children.push(child);
  return child;
}

/** What a container engine waits after SIGTERM before it kills; the pause between two runs is a minute. */
const GRACE_MS = 10_000;

const types = () => gateway.events.map((event) => event['event_type']);
const exitOf = async (child: ChildProcess) => (await once(child, 'exit')) as [number | null, string | null];

it('shows one run of each kind and exits', async () => {
  const agent = startAgent({ RUNCAST_DEMO_INTERVAL_MS: '0' }, '--once');
  expect(await exitOf(agent)).toEqual([0, null]);
  expect(types().filter((type) => type === 'run_end' || type === 'error')).toEqual(['run_end', 'error']);
});

it('brings its run to an end, sends all of it and exits with 0 long before it would be killed', async () => {
  const agent = startAgent({ RUNCAST_DEMO_INTERVAL_MS: '60000' });
  await gateway.until(() => types().includes('tool_call'));
  const stoppedAt = performance.now();
  agent.kill('SIGTERM');
  expect(await exitOf(agent)).toEqual([0, null]);
  expect(performance.now() - stoppedAt).toBeLessThan(GRACE_MS);
  expect(types().at(-1)).toBe('run_end');
});

it('exits with 0 in time also while Runcast is away, and says what was lost', async () => {
  gateway.answer = () => ({ status: 503 });
  const agent = startAgent({ RUNCAST_DEMO_INTERVAL_MS: '0' });
  let output = '';
  agent.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await gateway.until(() => gateway.requests.length > 2);
  const stoppedAt = performance.now();
  agent.kill('SIGTERM');
  expect(await exitOf(agent)).toEqual([0, null]);
  expect(performance.now() - stoppedAt).toBeLessThan(GRACE_MS);
  expect(output).toContain('"reason":"closed"');
});

it('says what is wrong with its environment and does not start', async () => {
  const agent = startAgent({ RUNCAST_API_KEY: '', RUNCAST_URL: 'nowhere' });
  let complaint = '';
  agent.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  expect(await exitOf(agent)).toEqual([78, null]);
  expect(complaint).toMatch(/RUNCAST_URL[\s\S]*RUNCAST_API_KEY/);
});
