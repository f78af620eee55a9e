import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { startRuncast, type RunningRuncast } from './this-checkout.ts';

// What each command of docs/command-line.md prints, in a process of its own, beside a Runcast that runs.
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = join(ROOT, 'apps/cli/bin/runcast.mjs');

let runcast: RunningRuncast;
let folder: string;
beforeAll(async () => {
  runcast = await startRuncast();
  folder = mkdtempSync(join(tmpdir(), 'runcast-cli-'));
});
afterAll(async () => {
  await runcast?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Given {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

function command(args: readonly string[], given: Given = {}): Promise<Printed> {
  return started(process.execPath, [PROGRAM, ...args], given);
}

function started(program: string, args: readonly string[], { input = '', env = {} }: Given = {}): Promise<Printed> {
  const { ingestUrl, realtimeUrl, apiKey, natsUrl, databaseUrl } = runcast.dev();
  const reached = { RUNCAST_INGEST_URL: ingestUrl, RUNCAST_REALTIME_URL: realtimeUrl, RUNCAST_API_KEY: apiKey };
  const backends = { NATS_URL: natsUrl, DATABASE_URL: databaseUrl };
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...process.env, ...reached, ...backends, ...env } };
    const child = execFile(program, args, options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
    child.stdin!.end(input);
  });
}

const event = (id: string, type: string, data: object) =>
  JSON.stringify({ id, type, run: 'told', session: 'told-session', agent: 'teller', data });
const EVENTS = [event('1', 'run.started', { userId: 'kim' }), event('2', 'run.completed', { output: 'Done' })].join(
  '\n',
);

/** Where a command writes, once the folder is known. */
const at = (name: string) => () => join(folder, name);

const HELD = ['--tenant', 'demo', '--run', 'told'];

type Words = string | (() => string);
interface Example {
  readonly args: readonly Words[];
  readonly before?: () => Promise<void>;
  readonly prints: RegExp;
  readonly code?: number;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** In this order: what one makes, a later one shows. */
const EXAMPLES: readonly (readonly [name: string, example: Example])[] = [
  ['send', { args: ['send'], input: EVENTS, prints: /^2 stored, 0 there already, 0 refused\n$/ }],
  ['tail', { args: ['tail', 'told'], prints: /\trun\.started\t[^]*\trun\.completed\t/ }],
  ['runs', { args: ['runs', '--agent', 'teller'], prints: /^told\tsuccess\tteller\t/ }],
  ['replay', { args: ['replay', 'told', '--as', 'again'], prints: /^again\t2 stored, 0 lost\n$/ }],
  ['doctor', { args: ['doctor'], prints: /^ok +NATS .*JetStream$[^]*^All is well\.$/m }],
  ['doctor', { args: ['doctor'], env: { RUNCAST_SHARDS: '9' }, code: 3, prints: /^FAULT +log .*\n +→ /m }],
  ['migrate', { args: ['migrate'], prints: /^up to date\nthe log has its streams\n$/ }],
  ['keys', { args: ['keys', 'create', '--tenant', 'acme', '--name', 'ci'], prints: /^rck_[\w-]{43}$/m }],
  ['keys', { args: ['keys', 'list', '--tenant', 'acme'], prints: /\bci\b/ }],
  ['create-key', { args: ['create-key', '--tenant', 'acme'], prints: /^rck_[\w-]{43}$/m }],
  ['lag', { args: ['lag'], prints: /^shard +state .*\n +0 +\w+ /m }],
  ['rebuild', { args: ['rebuild', '--compare'], prints: /the tables are what the log says/ }],
  [
    'backup',
    { args: ['backup', at('backup')], prints: /rows of \d+ tables[^]*shard 0: positions 1 to \d+[^]* is a backup\n$/ },
  ],
  [
    'retention',
    {
      args: ['retention', 'set', '--tenant', 'demo', '--days', '90'],
      prints: /^set, for runs that are first heard of from now on\n$/,
    },
  ],
  ['retention', { args: ['retention', 'show'], prints: /^demo +90 days$/m }],
  [
    'limit-agent',
    {
      args: ['limit-agent', '--tenant', 'demo', '--agent', 'teller', '--running', '30m'],
      prints: /^set for teller: running 30m, waiting the default\n$/,
    },
  ],
  ['verify', { args: ['verify', at('export')], before: exportRun, prints: /^whole: \d+ events, chain / }],
  ['verify', { args: ['verify', at('changed')], code: 3, prints: /^broken at line \d+: / }],
  ['erase', { args: ['erase', '--tenant', 'demo', '--run', 'again'], prints: /"completedAt": "20/ }],
  ['erasures', { args: ['erasures'], prints: /^\{"format":"runcast-erasures-1"\}\n[^]*\n\{"end":1\}\n$/ }],
  ['hold', { args: ['hold', 'set', ...HELD, '--reason', 'audit'], prints: /^held, until it is released\n$/ }],
  ['hold', { args: ['hold', 'list', '--tenant', 'demo'], prints: /told.*audit/ }],
  ['hold', { args: ['hold', 'release', ...HELD], prints: /^released; / }],
  [
    'restore',
    { args: ['restore', at('backup'), '--erasures', 'none'], code: 1, prints: /expected a NATS without a log/ },
  ],
  ['completion', { args: ['completion', 'fish'], prints: /^complete -c runcast .* -a tail /m }],
];

/** The export of a run, and the same with one character of one event changed. */
async function exportRun(): Promise<void> {
  const { realtimeUrl, apiKey } = runcast.dev();
  const response = await fetch(`${realtimeUrl}/v1/runs/told/export`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const text = await response.text();
  writeFileSync(join(folder, 'export'), text);
  writeFileSync(join(folder, 'changed'), text.replace('Done', 'Gone'));
}

describe('runcast', () => {
  it.each(EXAMPLES)('%s: %j', async (_name, { args, before, prints, code = 0, input, env }) => {
    await before?.();
    const words = args.map((word) => (typeof word === 'string' ? word : word()));
    const given = { ...(input !== undefined && { input }), ...(env && { env }) };
    let printed = await command(words, given);
    if (words[0] === 'runs') {
      // Lists follow the log, by milliseconds.
      await waitFor(async () => prints.test((printed = await command(words)).out), { describe: () => printed.out });
    }
    // What went wrong goes to standard error, and what was asked for to standard output.
    const [wanted, anything]: unknown[] = [expect.stringMatching(prints), expect.any(String)];
    expect(printed).toEqual(code === 1 ? { code, out: anything, err: wanted } : { code, out: wanted, err: anything });
  });

  it('is what npx starts in a checkout', async () => {
    const { code, out } = await started('npx', ['--no-install', 'runcast', 'runs', '--agent', 'teller']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^told\tsuccess\t/m)]);
  });

  it('has an example here for every command of the page but the one that everything runs beside', () => {
    const page = readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `runcast'));
    const named = rows.flatMap((row) => [...row.matchAll(/`runcast ([a-z-]+)/g)].map(([, name]) => name!));
    expect([...new Set(EXAMPLES.map(([name]) => name)), 'up'].sort()).toEqual(named.sort());
  });

  it.each([
    [['--help'], 0, /Usage: runcast/],
    [['tail', '--help'], 0, /Usage: runcast tail/],
    [['fly'], 64, /unknown command 'fly'/],
    [['runs', '--limit', 'many'], 64, /Expected a whole number/],
    [['tail'], 64, /missing required argument/],
    [['tail', 'x', '--dialect', 'latin'], 1, /expected one of runcast, agent-os/],
  ] as const)('%j ends with %i', async (args, code, words) => {
    const printed = await command(args);
    expect([printed.code, printed.out + printed.err]).toEqual([code, expect.stringMatching(words)]);
  });
});
