import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DIALECT_NAMES } from '@runcast/run-events';
import { waitFor } from '@runcast/test-harness';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The reader's shell, with a curl that fails for every answer that is no 2xx. A stream (`-N`) that is still open after
 * a while is as it should be.
 */
const SHELL = `
set -euo pipefail
curl() {
  local limit=60; case " $* " in *' -N '*) limit=4 ;; esac
  command curl --silent --show-error --fail --max-time "$limit" "$@" || { local code=$?; [ "$limit $code" = '4 28' ]; }
}
`;

/** The blocks of a page that talk to a service, in its order: later ones may build on earlier ones. */
function commandsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!.trim());
  return blocks.filter((block) => /\$\{?(INGEST|REALTIME)\b/.test(block));
}

let runcast: RunningRuncast | undefined;
beforeAll(async () => {
  // Some of the commands ask the demo agent, which begins to serve a moment after the table is printed.
  runcast = await startRuncast({ RUNCAST_DEMO: 'on' });
  await waitFor(demoAgentServes, { describe: 'the demo agent serves' });
});
afterAll(() => runcast?.stop());

async function demoAgentServes(): Promise<boolean> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const response = await fetch(`${realtimeUrl}/v3/inference/chat/`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ agent_id: 'finance-agent', message: 'Calculate 1 + 1' }),
  });
  await response.arrayBuffer();
  return response.ok;
}

async function run(commands: string): Promise<string> {
  const { ingestUrl, realtimeUrl, apiKey } = runcast!.dev();
  const env = { ...process.env, INGEST: ingestUrl, REALTIME: realtimeUrl, KEY: apiKey };
  const { stdout } = await promisify(execFile)('bash', ['-c', SHELL + commands], { cwd: ROOT, env, timeout: 100_000 });
  // All that a script hears of a WebSocket that was refused; its exit code is 0.
  if (/^1006\b/m.test(stdout)) throw new Error(`Command failed: the WebSocket was refused\n${stdout}`);
  return stdout;
}

describe.each(['README.md', 'docs/quick-start.md', 'docs/api.md'])('The commands of %s', (page) => {
  it.each(commandsOf(page).map((commands) => [commands.split('\n')[0], commands]))(
    'work: %s',
    async (_name, commands) => {
      expect(await run(commands!)).not.toBe('');
    },
  );
});

/** What each dialect says at the end of its few events: that something was sent is not yet that it came out. */
const COMES_OUT: Readonly<Record<string, RegExp>> = {
  runcast: /^data: .*"type":"run\.completed"/m,
  'agent-os': /^data: .*"event_type": ?"run_end"/m,
  'lyzr-agent': /^\{.*"event_type": ?"llm_generation"/m,
  'lyzr-workflow': /^\{.*"event_type": ?"flow_completed"/m,
  zihin: /^event: session:complete$/m,
  vectara: /"type": ?"agent_output".*"content": ?"Hello"/,
  'ag-ui': /^data: .*"type": ?"RUN_FINISHED"/m,
};

describe('docs/dialects.md', () => {
  const blocks = commandsOf('docs/dialects.md');

  it('has commands for every dialect, in its order', () => {
    expect(Object.keys(COMES_OUT).sort()).toEqual([...DIALECT_NAMES].sort());
    expect(blocks).toHaveLength(DIALECT_NAMES.length);
  });

  it.each(Object.entries(COMES_OUT).map(([name, end], index) => [name, end, blocks[index]!] as const))(
    'shows what went in as %s in the words of that dialect',
    async (_name, end, commands) => expect(await run(commands)).toMatch(end),
  );
});

describe('A command of a page', () => {
  it.each([
    ['for an address that is not there', 'curl -H "Authorization: Bearer $KEY" $REALTIME/v1/nowhere'],
    ['for a stream without a key', 'curl -N $REALTIME/v1/runs/api-1/stream'],
    [
      'for an event that is refused',
      `curl -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{}' $INGEST/v1/events`,
    ],
    [
      'for a WebSocket that is refused',
      commandsOf('docs/api.md')
        .find((it) => it.includes('onclose'))!
        .replace('$KEY', 'x'),
    ],
  ])('would be found out %s', async (_what, commands) => {
    await expect(run(commands)).rejects.toThrow('Command failed');
  });
});
