import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

/** It takes a good minute of a machine of its own. */
const SHORT_MS = 600_000;
const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

function chaos(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--enable-source-maps', path('./dist/chaos/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

it(
  'no event is lost, doubled, reordered or changed by a short storm of faults',
  async () => {
    const { code, output } = await chaos('--short');
    // Its table says what went wrong and under which seed.
    if (code !== 0) throw new Error(output);
    const result: unknown = JSON.parse(readFileSync(path('../chaos/results/latest.json'), 'utf8'));
    expect(result).toMatchObject({ lost: 0, duplicate: 0, unexpected: 0, reordered: 0, divergent: 0 });
    const { acked, faults } = result as { acked: number; faults: number };
    expect(acked).toBeGreaterThanOrEqual(20_000);
    expect(faults).toBeGreaterThanOrEqual(8);
  },
  SHORT_MS,
);

it('the suite refuses a mode that it does not know, instead of running nothing and being green', async () => {
  const { code, output } = await chaos('--shrot');
  expect([code, output]).toEqual([2, expect.stringContaining('--shrot')]);
});
