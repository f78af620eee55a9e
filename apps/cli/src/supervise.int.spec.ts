import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, processIdentity } from '@runcast/local-backends';
import { waitFor } from '@runcast/test-harness';
import { servicePart } from './service-part.ts';
import { supervise, type Supervised, type Watcher } from './supervise.ts';

const MAIN = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));

describe('a supervised service', () => {
  let folder: string;
  let port: number;
  let lines: string[];
  let pids: number[];
  let supervised: Supervised | undefined;

  const watcher: Watcher = {
    started: (_name, pid) => pids.push(pid),
    ended: () => undefined,
    report: (line) => lines.push(line),
  };
  const superviseFixture = (env: NodeJS.ProcessEnv = {}): Supervised =>
    (supervised = supervise(
      servicePart({
        name: 'fixture',
        main: MAIN,
        logFile: join(folder, 'fixture.log'),
        readyUrl: `http://127.0.0.1:${port}/health/ready`,
        env: { ...process.env, NAME: 'fixture', PORT: String(port), JOURNAL: join(folder, 'journal'), ...env },
      }),
      watcher,
    ));
  const answers = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/`)).ok;
  const journal = (): string[] => readFileSync(join(folder, 'journal'), 'utf8').trim().split('\n');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'runcast-supervise-'));
    port = await freePort();
    lines = [];
    pids = [];
  });
  afterEach(async () => {
    await supervised?.stop();
    rmSync(folder, { recursive: true });
  });

  it('serves once it says that it is ready, in a process group of its own', async () => {
    await superviseFixture().serving;
    await expect(answers()).resolves.toBe(true);
    // Signal 0 to the group of that number arrives only if the process leads one.
    expect(process.kill(-pids[0]!, 0)).toBe(true);
  });

  it('comes back on the same port after kill -9, as another process', async () => {
    await superviseFixture().serving;
    process.kill(pids[0]!, 'SIGKILL');
    await waitFor(() => lines.includes('fixture: is back'), { describe: () => lines.join('\n') });
    await expect(answers()).resolves.toBe(true);
    expect(pids).toHaveLength(2);
    expect(lines[0]).toMatch(/^fixture: ended by itself \(SIGKILL\)[^]*fixture is here/);
  });

  it('comes back again and again', async () => {
    await superviseFixture().serving;
    for (let crash = 1; crash <= 3; crash += 1) {
      await fetch(`http://127.0.0.1:${port}/crash`).catch(() => undefined);
      const back = (): boolean => lines.filter((line) => line === 'fixture: is back').length === crash;
      await waitFor(back, { describe: () => lines.join('\n') });
    }
    expect(pids).toHaveLength(4);
  });

  it('fails its first start with its last words instead of being tried for ever', async () => {
    const { serving } = superviseFixture({ FAIL: 'no such database' });
    await expect(serving).rejects.toThrow(/exit code 3[^]*fixture cannot go on: no such database/);
    expect(pids).toHaveLength(1);
  });

  it('is asked to end, and stays ended', async () => {
    await superviseFixture().serving;
    await supervised!.stop();
    expect(journal()).toEqual(['started fixture', 'asked fixture']);
    expect(processIdentity(pids[0]!)).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('can be ended while it is starting', async () => {
    port = await freePort();
    const starting = superviseFixture({ PORT: '' });
    await waitFor(() => pids.length === 1, { describe: 'the process' });
    await starting.stop();
    await expect(starting.serving).rejects.toThrow();
    expect(processIdentity(pids[0]!)).toBeUndefined();
  });

  it('can be ended while it is waiting for its next start', async () => {
    await superviseFixture().serving;
    process.kill(pids[0]!, 'SIGKILL');
    await waitFor(() => lines.length > 0, { describe: 'the report of the end' });
    await supervised!.stop();
    await expect(answers()).rejects.toThrow();
  });
});
