import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';

/** From here a snippet's imports lead where those of its reader lead; nothing compiles or tests what lies here. */
const HERE = fileURLToPath(new URL('../dist/', import.meta.url));

let runcast: RunningRuncast | undefined;
let folder: string;
beforeAll(async () => {
  runcast = await startRuncast();
  folder = mkdtempSync(join(HERE, 'snippets-'));
  const { ingestUrl } = runcast.dev();
  for (const [run, session] of [['api-1', 'chat-7']] as const) {
    const event = { type: 'run.started', run, session, data: {} };
    await fetch(`${ingestUrl}/v1/events`, {
      method: 'POST',
      headers: { 'x-api-key': runcast.dev().apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(event),
    });
  }
});
afterAll(async () => {
  if (folder) rmSync(folder, { recursive: true });
  await runcast?.stop();
});

function snippetsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, snippet]) => snippet!);
}

/** As its reader would: in a file, with node, in the environment that the page asks for. */
async function run(snippet: string): Promise<string> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.ts`);
  writeFileSync(file, snippet);
  const { ingestUrl, realtimeUrl, apiKey } = runcast!.dev();
  const env = { ...process.env, INGEST: ingestUrl, REALTIME: realtimeUrl, KEY: apiKey, SPOOL: join(folder, 'spool') };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env, timeout: 100_000 });
  return stdout;
}

const PRINTS: Record<string, RegExp[]> = {
  'docs/sending-from-an-agent.md': [/^Tea is a leaf and hot water\.$/m, /^yes$/m, /^Hello!$/m, /^written$/m],
  'docs/watching-from-a-browser.md': [/ run\.started\n.* run\.completed$/m, /'run\.started', 'run\.started'/],
};

describe.each(Object.entries(PRINTS))('The snippets of %s', (page, prints) => {
  it.each(snippetsOf(page).map((snippet, index) => [index + 1, snippet, prints[index]] as const))(
    'do what the page says: number %i',
    async (_number, snippet, expected) => {
      expect(expected).toBeDefined();
      expect(await run(snippet)).toMatch(expected!);
    },
  );

  it('are all there', () => expect(snippetsOf(page)).toHaveLength(prints.length));
});
