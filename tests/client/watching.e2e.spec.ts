import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { readRun, watchRunFrom, type FeedKey, type RunSnapshot } from '@runcast/client';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';

const PAGE = fileURLToPath(new URL('./page.fixture.ts', import.meta.url));

let runcast: RunningRuncast | undefined;
let browser: Browser | undefined;
let bundle: string;
beforeAll(async () => {
  runcast = await startRuncast();
  browser = await launchBrowser();
  const built = await build({
    entryPoints: [PAGE],
    bundle: true,
    format: 'iife',
    globalName: 'fixture',
    conditions: ['@runcast/source'],
    define: { 'process.env.NODE_ENV': '"development"' },
    write: false,
  });
  bundle = built.outputFiles[0]!.text;
});
afterAll(async () => {
  await browser?.close();
  await runcast?.stop();
});

async function post(base: string, path: string, body: object): Promise<Record<string, string>> {
  const headers = { 'x-api-key': runcast!.dev().apiKey, 'content-type': 'application/json' };
  const response = await fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
}

const send = (run: string, id: string, type: string) =>
  post(runcast!.dev().ingestUrl, '/v1/events', {
    id,
    type,
    run,
    session: 'shown-session',
    data: type === 'step.started' ? { step: id } : {},
  });

async function ticketFor(keys: readonly FeedKey[]): Promise<string> {
  const run = keys.flatMap((key) => ('run' in key ? [key.run] : []));
  const session = keys.flatMap((key) => ('session' in key ? [key.session] : []));
  const watched = { ...(run.length > 0 && { run }), ...(session.length > 0 && { session }) };
  return (await post(runcast!.dev().realtimeUrl, '/v1/tickets', watched))['ticket']!;
}

/** A page that may open sockets, as a user's own; those of the gateway are not made for scripts of others. */
const openPage = (): Promise<Page> => browser!.newPage({ bypassCSP: true });

/** What the page shows by now. */
async function shown(page: Page): Promise<Record<string, string>> {
  const texts = `Object.fromEntries([...document.querySelectorAll('dd')].map((dd) => [dd.id, dd.textContent]))`;
  return { ...(await page.evaluate(texts)), loop: await page.evaluate("window.looped.join(' ')") };
}

describe('The client in a browser', () => {
  it('shows a run and its session on one socket, with a ticket for each connection, through a killed gateway', async () => {
    const page = await openPage();
    const sockets: string[] = [];
    const tickets: unknown[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`${runcast!.dev().realtimeUrl}/version`);
    await page.exposeFunction('ticketFor', async (keys: FeedKey[]) => {
      const ticket = await ticketFor(keys);
      tickets.push(keys);
      return ticket;
    });
    await send('shown', 'e1', 'run.started');
    await page.evaluate(`${bundle}; window.fixture = fixture; fixture.show('shown', 'shown-session'); 0`);
    const live = { 'run-state': 'live', 'session-state': 'live' };
    const showing = async (wanted: object, what: string): Promise<void> => {
      let last: object = {};
      await waitFor(async () => holds((last = await shown(page)), wanted), {
        describe: () => `${what}; the page shows ${JSON.stringify(last)}`,
      });
    };
    await showing({ run: 'e1', session: 'e1', loop: 'e1', ...live }, 'the first event');
    expect(new Set(sockets.map((url) => new URL(url).pathname + new URL(url).search))).toEqual(new Set(['/v1/stream']));
    const [socketsBefore, ticketsBefore] = [sockets.length, tickets.length];

    process.kill(runcast!.dev().pids.realtime!, 'SIGKILL');
    await send('shown', 'e2', 'step.started');
    await showing({ run: 'e1 e2', session: 'e1 e2', loop: 'e1 e2', ...live }, 'the event of the time in between');
    expect(sockets.length).toBeGreaterThan(socketsBefore);
    expect(tickets.length).toBeGreaterThan(ticketsBefore);

    await send('shown', 'e3', 'run.completed');
    const all = 'e1 e2 e3';
    await showing({ run: all, session: all, loop: `${all} the end`, 'run-state': 'ended' }, 'the end');
    await page.close();
  });

  it('says that it is not connected where the page may not open sockets, and goes on trying', async () => {
    const page = await browser!.newPage();
    await page.exposeFunction('ticketFor', ticketFor);
    await page.goto(`${runcast!.dev().realtimeUrl}/version`);
    await page.evaluate(`${bundle}; window.fixture = fixture; fixture.show('shown', 'shown-session'); 0`);
    await waitFor(async () => holds(await shown(page), { 'run-state': 'reconnecting' }), {
      describe: 'the run to be shown as reconnecting',
    });
    await page.close();
  });

  it('shows a run that is refused as refused', async () => {
    const page = await openPage();
    await page.goto(`${runcast!.dev().realtimeUrl}/version`);
    await page.exposeFunction('ticketFor', () => ticketFor([{ run: 'another' }]));
    await page.evaluate(`${bundle}; window.fixture = fixture; fixture.show('shown', 'shown-session'); 0`);
    await waitFor(async () => holds(await shown(page), { 'run-state': 'refused', 'session-state': 'refused' }), {
      describe: 'both feeds to be refused',
    });
    await page.close();
  });
});

describe('The state of a run', () => {
  it('is told first, and then only what follows it', async () => {
    const connection = { url: runcast!.dev().realtimeUrl, apiKey: runcast!.dev().apiKey };
    expect(await readRun(connection, 'nobody-knows-it')).toBeUndefined();
    await send('stated', 's1', 'run.started');
    const { position } = await send('stated', 's2', 'step.started');
    await waitFor(async () => (await readRun(connection, 'stated'))?.position === position, { describe: 'the tables' });
    const snapshots: (RunSnapshot | undefined)[] = [];
    const ids: string[] = [];
    const onSnapshot = (snapshot: RunSnapshot | undefined): void => {
      snapshots.push(snapshot);
      void send('stated', 's3', 'run.completed');
    };
    for await (const { id } of watchRunFrom(connection, connection, 'stated', onSnapshot)) ids.push(id);
    expect(snapshots).toMatchObject([{ id: 'stated', status: 'running', step_count: 1, position }]);
    expect(ids).toEqual(['s3']);
  });
});

function holds(shown: Record<string, string>, wanted: object): boolean {
  return Object.entries(wanted).every(([name, text]) => shown[name] === text);
}
