import { chromium, type Browser } from 'playwright-core';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The machine's own Chromium: what an EventSource does after a refusal, only a real browser can show. */
export function launchBrowser(): Promise<Browser> {
  // As root, which containers are, its sandbox does not start.
  const args = ['--no-sandbox', '--disable-background-networking'];
  return chromium.launch({ executablePath: findBrowser(process.env['PATH'] ?? ''), args });
}

function findBrowser(path: string): string {
  const candidates = path.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`No browser is installed: looked for ${NAMES.join(', ')} in the PATH. apt-get install chromium`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
