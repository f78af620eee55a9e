import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { DevFile } from '../new-user.ts';

/** Where the pictures of a test run are kept. */
const PICTURES = fileURLToPath(new URL('../../.test-results/console', import.meta.url));

/** Which of them the docs show: `npm run screenshots` keeps these in the folder that RUNCAST_SCREENSHOTS names. */
const IN_DOCS: Readonly<Record<string, string>> = { 'run-answered': 'run.png', '-': 'runs.png' };
const DOCS_FOLDER = process.env['RUNCAST_SCREENSHOTS'];

export interface OpenedConsole {
  readonly page: Page;
  /** What the page complained about: errors of its scripts, and what its security policy refused. */
  readonly complaints: string[];
}

/** Opens the console by the link that `npm start` prints. */
export async function openConsole(
  browser: Browser,
  { realtimeUrl, apiKey }: DevFile,
  path = '/',
  options: BrowserContextOptions = {},
): Promise<OpenedConsole> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // What the network does is for the page to show; a refused script or style is ours to mend.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  await page.goto(`${realtimeUrl}${path}#key=${encodeURIComponent(apiKey)}`);
  return { page, complaints };
}

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name}.png`);
  await page.screenshot({ path });
  const inDocs = IN_DOCS[name];
  if (DOCS_FOLDER !== undefined && inDocs !== undefined) {
    mkdirSync(DOCS_FOLDER, { recursive: true });
    copyFileSync(path, join(DOCS_FOLDER, inDocs));
  }
}

/** What axe finds wrong with the page that hinders somebody from using it. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // In the page's own world: its policy would refuse a script that is put into the document.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe };
    const { violations } = await run.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
