import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { startRuncast, type RunningRuncast } from './this-checkout.ts';

const MAIN = fileURLToPath(new URL('../apps/cli/dist/main.js', import.meta.url));
let runcast: RunningRuncast | undefined;
const children: ChildProcess[] = [];
beforeAll(async () => {
  runcast = await startRuncast();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await runcast?.stop();
});

/** What the commands read, as a shell would have it. */
function env(): NodeJS.ProcessEnv {
  const { ingestUrl, realtimeUrl, apiKey } = runcast!.dev();
  return { ...process.env, RUNCAST_INGEST_URL: ingestUrl, RUNCAST_REALTIME_URL: realtimeUrl, RUNCAST_API_KEY: apiKey };
}

interface Printed {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function cli(args: readonly string[], input = '', more: NodeJS.ProcessEnv = {}): Promise<Printed> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env: { ...env(), ...more } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : (error.code as unknown as number), out, err });
    });
    child.stdin!.end(input);
  });
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const recorded = (run: string) =>
  [
    { id: `${run}-1`, type: 'run.started', run, session: 's-cli', agent: 'cli-agent', data: { message: 'Hi' } },
    { id: `${run}-2`, type: 'tool-call.started', run, data: { tool: 'search', input: { q: 'x' } } },
    { id: `${run}-3`, type: 'run.completed', run, data: { output: 'Done' } },
  ].map((event, second) => ({ ...event, occurred_at: `2026-11-21T10:00:0${second}Z` }));
const ndjson = (run: string) =>
  recorded(run)
    .map((event) => JSON.stringify(event))
    .join('\n');

async function sent(run: string): Promise<void> {
  expect(await cli(['send'], ndjson(run))).toMatchObject({ code: 0 });
  const listed = async () => (await cli(['runs', '--session', 's-cli'])).out.includes(`${run}\tsuccess`);
  await waitFor(listed, { describe: `${run} is listed` });
}

describe('runcast send', () => {
  it('stores lines and arrays, and says what was there already', async () => {
    expect(await cli(['send'], ndjson('sent'))).toEqual({
      code: 0,
      err: '',
      out: '3 stored, 0 there already, 0 refused\n',
    });
    const again = await cli(['send', '-'], JSON.stringify(recorded('sent')));
    expect(again).toMatchObject({ code: 0, out: '0 stored, 3 there already, 0 refused\n' });
  });

  it('takes a vendor’s events, with the names that they have no place for', async () => {
    const event = { event_type: 'llm_generation', level: 'INFO', status: 'completed', message: 'ok', run_id: 'lyzr-1' };
    const given = ['send', '--dialect', 'lyzr-agent', '--session', 's-lyzr'];
    expect(await cli(given, JSON.stringify(event))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 stored/) as unknown,
    });
  });

  it('names each event that is refused, and ends with 1', async () => {
    const { code, out, err } = await cli(['send'], `${ndjson('half')}\n{"type":"x"}`);
    expect([code, out]).toEqual([1, '3 stored, 0 there already, 1 refused\n']);
    expect(err).toMatch(/^event 4: .*run/);
  });

  it.each([
    ['a line that is no JSON', ['send'], 'nonsense', 'event 1: expected a JSON object'],
    ['a dialect that is none', ['send', '--dialect', 'latin'], '{}', 'dialect'],
    ['a file that is not there', ['send', 'nowhere.ndjson'], '', 'nowhere.ndjson: expected a file'],
  ])('refuses %s in a line', async (_name, args, input, message) => {
    const { code, err } = await cli(args, input);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(lines(err)).toHaveLength(1);
  });
});

describe('runcast runs', () => {
  it('lists runs as lines in a pipe, and as JSON when asked', async () => {
    await sent('listed');
    const filter = ['--agent', 'cli-agent', '--status', 'success', '--since', '7d', '--limit', '1'];
    const { out } = await cli(['runs', ...filter]);
    expect(lines(out)).toHaveLength(1);
    expect(out.split('\t').slice(1, 3)).toEqual(['success', 'cli-agent']);
    const { out: json } = await cli(['runs', '--session', 's-cli', '--json']);
    expect(lines(json).map((line) => (JSON.parse(line) as { id: string }).id)).toContain('listed');
  });
});

describe('runcast tail', () => {
  const types = (out: string) => lines(out).map((line) => line.split('\t')[3]);

  it('shows a run from its first event to its end, filtered, from a position, and as JSON', async () => {
    await sent('tailed');
    const { out } = await cli(['tail', 'tailed']);
    expect(types(out)).toEqual(['run.started', 'tool-call.started', 'run.completed']);
    expect(types((await cli(['tail', 'tailed', '--type', 'tool-call.started'])).out)).toEqual(['tool-call.started']);
    const [first] = out.split('\t');
    expect(types((await cli(['tail', 'tailed', '--since', first!])).out)).toEqual([
      'tool-call.started',
      'run.completed',
    ]);
    const { out: json } = await cli(['tail', 'tailed', '--json']);
    expect(lines(json).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(types(out));
  });

  it('shows the frames of a vendor’s format', async () => {
    await sent('framed');
    const { out } = await cli(['tail', 'framed', '--dialect', 'lyzr-agent']);
    expect(lines(out).map((line) => (JSON.parse(line) as { run_id: string }).run_id)).toEqual([
      'framed',
      'framed',
      'framed',
    ]);
  });

  it('waits for a run that has not begun, follows a session, and ends at Ctrl-C', async () => {
    await sent('before');
    const run = spawn(process.execPath, [MAIN, 'tail', 'awaited'], { env: env() });
    const session = spawn(process.execPath, [MAIN, 'tail', '--session', 's-cli', '--since', '1h'], { env: env() });
    children.push(run, session);
    const out = { run: '', session: '' };
    run.stdout.on('data', (chunk: Buffer) => (out.run += chunk.toString()));
    session.stdout.on('data', (chunk: Buffer) => (out.session += chunk.toString()));
    const ended = new Promise((resolve) => run.on('close', resolve));
    await waitFor(() => out.session.includes('before'), { describe: () => `the session is shown: ${out.session}` });
    await cli(['send'], ndjson('awaited'));
    expect(await ended).toBe(0);
    expect(types(out.run)).toEqual(['run.started', 'tool-call.started', 'run.completed']);
    await waitFor(() => out.session.includes('awaited'), { describe: () => `the session shows it: ${out.session}` });
    const left = new Promise((resolve) => session.on('close', resolve));
    session.kill('SIGINT');
    expect(await left).toBe(0);
  });

  it('is told by the gateway what is wrong', async () => {
    expect(await cli(['tail', 'x'], '', { RUNCAST_API_KEY: 'wrong' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('401') as unknown,
    });
    const nobody = { RUNCAST_REALTIME_URL: 'http://127.0.0.1:9' };
    expect((await cli(['runs'], '', nobody)).err).toMatch(/^http:\/\/127\.0\.0\.1:9 does not answer: /);
    expect((await cli(['tail', 'x', '--dialect', 'latin'])).err).toContain(
      '--dialect: expected one of runcast, agent-os',
    );
  });
});

describe('runcast replay', () => {
  it('sends a recorded run again under a new name, each event once and in order', async () => {
    await sent('original');
    const { code, out } = await cli(['replay', 'original', '--as', 'again', '--speed', '1000']);
    expect([code, out]).toEqual([0, 'again\t3 stored, 0 lost\n']);
    const shown = await cli(['tail', 'again']);
    expect(lines(shown.out).map((line) => line.split('\t').slice(2).join(' '))).toEqual([
      'again run.started Hi',
      'again tool-call.started search  {"q":"x"}',
      'again run.completed Done',
    ]);
  });

  it('says that there is no such run', async () => {
    expect(await cli(['replay', 'never'])).toMatchObject({ code: 1, err: 'there is no run never\n' });
  });
});

it('the command line without a Runcast says how to start one', async () => {
  const nothing = { RUNCAST_HOME: '/nowhere', RUNCAST_INGEST_URL: '', RUNCAST_REALTIME_URL: '', RUNCAST_API_KEY: '' };
  const { code, err } = await cli(['runs'], '', nothing);
  expect([code, err]).toEqual([1, 'RUNCAST_INGEST_URL is not set, and no Runcast runs here; `npm start` starts one\n']);
});
