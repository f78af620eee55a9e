import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';
import type { DevFile } from '../new-user.ts';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';
import { openConsole, seriousFindings, takePicture } from './console-page.ts';
import { tell } from './told-runs.ts';

/** From here a snippet's imports lead where those of its reader lead; nothing compiles or tests what lies here. */
const HERE = fileURLToPath(new URL('../dist/', import.meta.url));

let runcast: RunningRuncast;
let dev: DevFile;
let browser: Browser;
let folder: string;
const children: ChildProcess[] = [];
const pages: Page[] = [];

beforeAll(async () => {
  [runcast, browser] = await Promise.all([startRuncast(), launchBrowser()]);
  dev = runcast.dev();
  folder = mkdtempSync(join(HERE, 'elsewhere-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const page of pages.splice(0)) await page.context().close();
});
afterAll(async () => {
  await browser?.close();
  await runcast?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

/** The console of somebody who holds a key, at the panel of a run. */
async function openPanel(run: string): Promise<Page> {
  const { page } = await openConsole(browser, dev, `/runs/${run}`);
  pages.push(page);
  await page.getByRole('button', { name: 'Watch this in' }).click();
  await page.locator('.watch-elsewhere pre').waitFor();
  return page;
}

async function shareLink(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share a link' }).click();
  const link = page.getByLabel('Link to this run');
  await link.waitFor();
  return link.inputValue();
}

/** A browser that holds no key. */
async function stranger(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(30_000);
  pages.push(page);
  return page;
}

describe('A shared link', () => {
  const run = 'shared-1';
  const step = (name: string) => ({ type: 'step.started', run, data: { step: name } });
  beforeAll(() =>
    tell(dev, [
      { type: 'run.started', run, agent: 'sharing-agent', session: 'shared-session', data: { input: 'Go' } },
      step('plan'),
    ]),
  );
  const shows = (page: Page, count: number) =>
    page.locator('.event-filters .count', { hasText: `${count} events` }).waitFor();

  it('shows the run live to somebody without a key, survives a reload and a kill of the gateway, and opens once', async () => {
    const link = await shareLink(await openPanel(run));
    const page = await stranger();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname + new URL(request.url()).search));
    await page.goto(link);
    await shows(page, 2);
    expect(await page.locator('.run-head .status').innerText()).toBe('running');
    expect(await page.locator('.run-head').innerText()).toContain('sharing-agent');
    // The ticket reached no address that a proxy could write down, and is worth nothing to who finds it in the tab's.
    expect(page.url()).not.toContain('ticket');
    expect(asked.join()).not.toMatch(/rc[tv]_/);
    await takePicture(page, 'shared');
    expect(await seriousFindings(page)).toEqual([]);

    await page.reload();
    await shows(page, 2);
    process.kill(runcast.dev().pids.realtime!, 'SIGKILL');
    await tell(dev, [step('write'), { type: 'run.completed', run, data: { output: 'Done' } }]);
    await shows(page, 4);
    await page.locator('.run-head .status.success').waitFor();

    const late = await stranger();
    await late.goto(link);
    await late.getByText('This link has been used').waitFor();
    await takePicture(late, 'shared-spent');
  });

  it('shows that run and nothing else: there is nothing to click that would do more', async () => {
    const page = await stranger();
    await page.goto(await shareLink(await openPanel(run)));
    await shows(page, 4);
    expect(await page.getByRole('link').count()).toBe(0);
    expect(await page.getByRole('button').allInnerTexts()).not.toContain('Download');
    const kept = await page.evaluate(() => sessionStorage.getItem('runcast.view')!);
    const { view } = JSON.parse(kept) as { view: string };
    const statuses = await page.evaluate(async (bearer) => {
      const ask = async (path: string): Promise<number> =>
        (await fetch(path, { headers: { authorization: `Bearer ${bearer}` } })).status;
      return Promise.all(['/v1/runs', '/v1/runs/shared-1/events', '/v1/runs/other/stream'].map(ask));
    }, view);
    expect(statuses).toEqual([401, 401, 403]);
  });
});

interface Shown {
  readonly name: string;
  readonly place: string;
  readonly code: string;
}

/** Every snippet of the panel, as a reader would copy it. */
async function shownSnippets(run: string): Promise<Shown[]> {
  const page = await openPanel(run);
  await takePicture(page, `elsewhere-${run}`);
  const snippets: Shown[] = [];
  for (const choice of await page.locator('.watch-elsewhere .choices button').all()) {
    await choice.click();
    const text = page.locator('.watch-elsewhere pre');
    const place = (await text.getAttribute('data-place'))!;
    snippets.push({ name: await choice.innerText(), place, code: await text.innerText() });
  }
  return snippets;
}

/** What a snippet has printed until now, run where it says that it belongs. */
function start({ name, place, code }: Shown, key: string): Promise<() => string> {
  if (place === 'page') return inPage(code, key);
  if (place === 'shell') return Promise.resolve(inProcess('bash', ['-c', code], key));
  const file = join(folder, `${name.replace(/\W+/g, '-')}-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, code);
  return Promise.resolve(inProcess(process.execPath, [file], key));
}

function inProcess(command: string, args: string[], key: string): () => string {
  const child = spawn(command, args, { env: { ...process.env, KEY: key } });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return () => output;
}

/** A user's page and, in the same file, the part of its back end: both have what each of them would have. */
async function inPage(code: string, key: string): Promise<() => string> {
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  pages.push(page);
  let output = '';
  page.on('console', (message) => (output += `${message.text()}\n`));
  page.on('pageerror', (error) => (output += `${String(error)}\n`));
  await page.goto(`${dev.realtimeUrl}/version`);
  await page.evaluate((KEY) => Object.assign(window, { process: { env: { KEY } } }), key);
  await page.addScriptTag({ type: 'module', content: code });
  return () => output;
}

/** What each prints of a run with one step and one tool call, its last line or frame included. */
const PRINTS: Readonly<Record<string, readonly string[]>> = {
  curl: ['"type":"run.started"', '"type":"run.completed"', 'event: end'],
  EventSource: ['run.started', 'run.completed'],
  WebSocket: ['"type":"run.started"', '"type":"run.completed"'],
  '@runcast/client': ['run.started', "output: 'Tea is ready'"],
  'AG-UI': ['RUN_STARTED', 'TOOL_CALL_START', 'RUN_FINISHED'],
  'agent-os': ['"event_type":"run_start"', '"event_type":"run_end"'],
  Zihin: ['session:start', 'session:complete'],
  Vectara: ['"type":"tool_input"', '"type":"agent_output"'],
  'Lyzr agent': ['agent_process_start', 'agent_process_end'],
  'Lyzr workflow': ['flow_started', 'task_completed plan', 'flow_completed'],
};

describe('The panel “watch this in …”', () => {
  const told = (run: string, more: object = {}) => [
    { type: 'run.started', run, agent: 'tea-agent', data: { input: 'Make tea' }, ...more },
    { type: 'step.started', run, data: { step: 'plan', stepId: 's' } },
    { type: 'tool-call.started', run, data: { tool: 'kettle', callId: 'c', input: { litres: 1 } } },
    { type: 'tool-call.completed', run, data: { tool: 'kettle', callId: 'c', output: 'hot' } },
    { type: 'step.completed', run, data: { step: 'plan', stepId: 's' } },
    { type: 'run.completed', run, data: { output: 'Tea is ready' } },
  ];

  it.each([
    ['a run of a session', 'elsewhere-1', { session: 'tea-session' }],
    ['a run without one, under an odd name', "odd %2F'1", {}],
  ])('shows for %s snippets that print it, each run as it stands there', async (_what, run, more) => {
    await tell(dev, told(run, more));
    const snippets = await shownSnippets(encodeURIComponent(run));
    expect(snippets.map(({ name }) => name)).toEqual(Object.keys(PRINTS));
    await Promise.all(
      snippets.map(async (snippet) => {
        const output = await start(snippet, dev.apiKey);
        const printed = () => PRINTS[snippet.name]!.every((words) => output().includes(words));
        const describe = () => `${snippet.name} prints the run. It printed:\n${output()}\nof\n${snippet.code}`;
        await waitFor(printed, { describe });
      }),
    );
  });

  it('would be found out for a snippet that is refused', async () => {
    const [curl] = await shownSnippets('elsewhere-1');
    const output = await start(curl!, 'rck_wrong');
    await waitFor(() => output().includes('unauthenticated'), { describe: () => `a refusal, not ${output()}` });
    expect(output()).not.toContain('run.started');
  });
});
