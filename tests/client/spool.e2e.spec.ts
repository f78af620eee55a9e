import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTcpProxy, waitFor, type TcpProxy } from '@runcast/test-harness';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';

/** The issue asks for a minute; the short form is long enough for many attempts to fail. */
const AWAY_MS = Number(process.env['RUNCAST_AWAY_SECONDS'] ?? 4) * 1_000;
const SENDER = fileURLToPath(new URL('../dist/client/sender.fixture.js', import.meta.url));

let runcast: RunningRuncast | undefined;
let folder: string;
const senders: ChildProcess[] = [];
beforeAll(async () => {
  runcast = await startRuncast();
  folder = mkdtempSync(join(tmpdir(), 'runcast-spool-'));
});
afterAll(async () => {
  for (const sender of senders) sender.kill('SIGKILL');
  await runcast?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Sender {
  /** How many events `send` has returned for. */
  readonly sent: () => number;
  readonly kill: () => Promise<void>;
  /** What the client counted when it was closed. */
  readonly closed: () => Promise<Record<string, number>>;
}

function startSender(url: string, run: string, count: number, everyMs: number): Sender {
  const args = [url, runcast!.dev().apiKey, folder, run, String(count), String(everyMs)];
  const child = spawn(process.execPath, [SENDER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  senders.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    sent: () => output.match(/^\d+$/gm)?.length ?? 0,
    kill: () => (child.kill('SIGKILL'), exited),
    closed: async () => {
      await exited;
      const counts = /^closed (.*)$/m.exec(output)?.[1];
      if (counts === undefined) throw new Error(`the sender ended without a word:\n${output.slice(-2_000)}`);
      return JSON.parse(counts) as Record<string, number>;
    },
  };
}

/** What the tables hold of a run, in the order of the log. */
async function storedOf(run: string): Promise<number[]> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const ask = { headers: { authorization: `Bearer ${apiKey}` } };
  const numbers: number[] = [];
  for (let after = ''; ;) {
    const response = await fetch(`${realtimeUrl}/v1/runs/${run}/events?limit=1000${after}`, ask);
    if (response.status === 404) return [];
    const page = (await response.json()) as { events: { data: { index: number } }[]; next_after?: string };
    numbers.push(...page.events.map(({ data }) => data.index));
    if (page.next_after === undefined) return numbers;
    after = `&after=${page.next_after}`;
  }
}

async function expectStored(run: string, count: number): Promise<void> {
  await waitFor(async () => (await storedOf(run)).length >= count, {
    describe: `${count} events of ${run} in the tables`,
  });
  expect(await storedOf(run)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
}

describe('A client with a disk spool loses nothing, doubles nothing and keeps the order', () => {
  it('when the ingest gateway is killed in the middle', async () => {
    const { ingestUrl, pids } = runcast!.dev();
    const sender = startSender(ingestUrl, 'gateway-killed', 1_500, 2);
    await waitFor(() => sender.sent() > 300, { describe: 'the sender is in the middle' });
    process.kill(pids.ingest!, 'SIGKILL');
    expect(await sender.closed()).toEqual({ sent: 1_500, delivered: 1_500, dropped: 0, buffered: 0 });
    await expectStored('gateway-killed', 1_500);
  });

  it(
    'when Runcast is away and the agent is killed meanwhile: the next process sends what it left',
    async () => {
      const target = runcast!.dev().ingestUrl;
      let proxy: TcpProxy = await startTcpProxy(target);
      const url = `http://127.0.0.1:${proxy.port}`;
      const killed = startSender(url, 'agent-killed', 100_000, 2);
      await waitFor(() => killed.sent() > 200, { describe: 'the first events' });
      // Runcast goes away. What is sent from here on exists in the agent's process and its spool alone.
      await proxy.close();
      const sentBefore = killed.sent();
      await sleep(AWAY_MS);
      await killed.kill();
      expect(killed.sent()).toBeGreaterThan(sentBefore + 100);

      // Two processes at once find what the dead one left; one of them gets it.
      proxy = await startTcpProxy(target);
      const back = `http://127.0.0.1:${proxy.port}`;
      const heirs = ['heir-1', 'heir-2'].map((run) => startSender(back, run, 50, 1));
      const counts = await Promise.all(heirs.map(({ closed }) => closed()));
      expect(counts.map(({ dropped, buffered }) => [dropped, buffered])).toEqual([
        [0, 0],
        [0, 0],
      ]);
      // A last line may have been sent and not printed.
      const stored = await waitForSettled('agent-killed', killed.sent());
      await expectStored('agent-killed', stored);
      await expectStored('heir-1', 50);
      await expectStored('heir-2', 50);
      expect(readdirSync(folder)).toEqual([]);
      await proxy.close();
    },
    120_000 + 2 * AWAY_MS,
  );
});

/** How many of a run are stored, once it is at least `least` and, since a process can die between send and print, at most one more. */
async function waitForSettled(run: string, least: number): Promise<number> {
  let stored = 0;
  await waitFor(async () => (stored = (await storedOf(run)).length) >= least, {
    describe: () => `${least} events of ${run} in the tables, where ${stored} are`,
  });
  expect(stored - least).toBeLessThanOrEqual(1);
  return stored;
}
