import { expect, it } from '@jest/globals';
import { readAgentLimit } from './limit-agent.ts';

const agent = { tenant: 'acme', agent: 'helper' };

it.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['48h', 172_800_000],
  ['7d', 604_800_000],
])('%s are %d milliseconds', (running, runningMs) => {
  expect(readAgentLimit({ ...agent, running })).toEqual({ ...agent, runningMs });
});

it('What is left out goes back to the default', () => {
  expect(readAgentLimit({ ...agent, waiting: '1h' })).toEqual({ ...agent, waitingMs: 3_600_000 });
});

it.each(['', '0m', '-5m', '5', '5 m', '1w', '1.5h', '9999999s'])('A duration is not %j', (running) => {
  expect(() => readAgentLimit({ ...agent, running })).toThrow(/--running: expected a duration/);
});

it('Tenant and agent are needed', () => {
  expect(() => readAgentLimit({ agent: 'helper' })).toThrow(/--tenant/);
  expect(() => readAgentLimit({ tenant: 'acme', agent: '' })).toThrow(/--agent/);
});
