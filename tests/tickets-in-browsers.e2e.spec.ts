import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { startRuncast, type RunningRuncast } from './this-checkout.ts';

let runcast: RunningRuncast | undefined;
let browser: Browser | undefined;
beforeAll(async () => {
  runcast = await startRuncast({ RUNCAST_DEMO: 'on' });
  browser = await launchBrowser();
  // The demo's agent connects after the services are up; until then nobody takes a command for it.
  await waitFor(async () => (await askAgent('first')).ok, { describe: 'the demo agent serves' });
});
afterAll(async () => {
  await browser?.close();
  await runcast?.stop();
});

async function call(base: string, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'x-api-key': runcast!.dev().apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect([response.status, response.ok]).toEqual([response.status, true]);
  return (await response.json()) as Record<string, unknown>;
}

/** The answer is there when its run is over. */
async function askAgent(runId: string): Promise<{ ok: boolean; status: number; text: string }> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const response = await fetch(`${realtimeUrl}/v1/agents/finance-agent/ag-ui`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ threadId: 't', runId, messages: [{ role: 'user', content: 'Calculate 6 * 7' }] }),
  });
  return { ok: response.ok, status: response.status, text: await response.text() };
}

async function ticketFor(run: string): Promise<string> {
  return (await call(runcast!.dev().realtimeUrl, '/v1/tickets', { run }))['ticket'] as string;
}

const send = (run: string, id: string, type: string) =>
  call(runcast!.dev().ingestUrl, '/v1/events', { id, type, run, data: type === 'step.started' ? { step: id } : {} });

/** A page of the gateway's own origin, and what is logged in it. */
async function openPage(): Promise<{ page: Page; logged: string[] }> {
  // Our own answers allow a page nothing; the page of a user is served by somebody else, under the same origin.
  const page = await browser!.newPage({ bypassCSP: true });
  const logged: string[] = [];
  page.on('console', (message) => message.type() === 'log' && logged.push(message.text()));
  await page.goto(`${runcast!.dev().realtimeUrl}/version`);
  return { page, logged };
}

/** As printed on zihin's page. The headers it passes do not exist for an EventSource: no browser sends them. */
const SAMPLE = `
const eventSource = new EventSource('/api/v1/sessions/exec-123/live', {
headers: { 'Authorization': 'Bearer <jwt>' }
});

eventSource.addEventListener('session:tool', (e) => {
const data = JSON.parse(e.data);
console.log(\`Tool \${data.tool}: \${data.success ? 'OK' : 'FAILED'}\`);
});

eventSource.addEventListener('session:complete', (e) => {
const data = JSON.parse(e.data);
console.log(\`Done in \${data.executionTimeMs}ms\`);
eventSource.close();
});
`;

describe('The EventSource sample of the live session, in a browser,', () => {
  it('is refused as it is printed, and shows the run once its address carries a ticket', async () => {
    const { page, logged } = await openPage();
    const run = (sample: string) => page.evaluate(`window.source = (() => { ${sample}; return eventSource; })(); 0`);
    const state = () => page.evaluate('window.source.readyState');
    await run(SAMPLE);
    await waitFor(async () => (await state()) === 2, {
      describe: 'the sample without a ticket to be refused for good',
    });

    await run(SAMPLE.replace('/live', `/live?ticket=${await ticketFor('exec-123')}`));
    await waitFor(async () => (await state()) === 1, { describe: 'the sample to be connected' });
    expect(await askAgent('exec-123')).toMatchObject({ status: 200 });
    await waitFor(() => logged.some((line) => line.startsWith('Done in ')), {
      describe: () => `the end; ${logged.join()}`,
    });
    expect(logged).toContainEqual(expect.stringMatching(/^Tool \w+: OK$/));
    expect(await state()).toBe(2);
    await page.close();
  });
});

/** The page's own snippet, from docs/api.md. */
function snippet(): string {
  const page = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');
  return /```js\n(async function watch[^]*?)```/.exec(page)![1]!;
}

describe('The snippet of docs/api.md, in a browser,', () => {
  it('gets a fresh ticket when its gateway was killed, and shows every event once', async () => {
    const { page, logged } = await openPage();
    let tickets = 0;
    await page.route('**/tickets/*', async (route) => {
      const run = new URL(route.request().url()).pathname.split('/').at(-1)!;
      try {
        const ticket = await ticketFor(run);
        tickets += 1;
        await route.fulfill({ json: { ticket } });
      } catch {
        await route.abort();
      }
    });
    await page.evaluate(`const REALTIME = '';
      ${snippet()}
      // The page's own fetch fails while the gateway is away; a page would try again, and so does this one.
      const watching = (...all) => watch(...all).catch(() => setTimeout(() => watching(...all), 200));
      watching('kept', ({ id }) => console.log(id)); 0`);
    await send('kept', 'e1', 'run.started');
    await waitFor(() => logged.length === 1, { describe: 'the first event' });

    process.kill(runcast!.dev().pids.realtime!, 'SIGKILL');
    await send('kept', 'e2', 'step.started');
    await waitFor(() => logged.length === 2, { describe: 'the event of the time in between' });
    await send('kept', 'e3', 'run.completed');
    await waitFor(() => logged.length === 3, { describe: 'the end' });
    expect(logged).toEqual(['e1', 'e2', 'e3']);
    expect(tickets).toBe(2);
    await page.close();
  });
});
