import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingGateway } from '../testing/recording-gateway.ts';

const AGENT = fileURLToPath(new URL('exiting-agent.fixture.ts', import.meta.url));

let gateway: RecordingGateway;
beforeEach(async () => {
  gateway = await RecordingGateway.start();
  // Away for a moment: what is sent stays in the buffer, and the client sleeps for a minute.
  gateway.answer = () => (gateway.requests.length === 1 ? { status: 503 } : undefined);
});
afterEach(() => gateway.stop());

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

/** An agent in a process of its own, to its end; it gets the signal while its event waits in the buffer. */
function agent(way: string, signal?: NodeJS.Signals): Promise<Ended> {
  const args = ['--conditions=@runcast/source', '--disable-warning=ExperimentalWarning', AGENT, gateway.url, way];
  const child = spawn(process.execPath, args);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.once('data', () => signal && child.kill(signal));
  return new Promise((resolve) => child.once('close', (code, by) => resolve({ code, signal: by, errors })));
}

const received = () => gateway.events.map(({ id }) => id);

describe('What is buffered still leaves', () => {
  it('when the process has nothing left to do', async () => {
    expect(await agent('idle')).toEqual({ code: 0, signal: null, errors: '' });
    expect(received()).toEqual(['idle']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('at %s, which then ends the process as it would have', async (signal) => {
    expect(await agent('signal', signal)).toEqual({ code: null, signal, errors: '' });
    expect(received()).toEqual(['signal']);
  });

  it.each([
    ['throws', 'SyntaxError'],
    ['rejects', 'the agent broke'],
  ])('when the agent %s and nobody catches, and the error is told as it would have been', async (way, words) => {
    const { code, errors } = await agent(way);
    expect(code).toBe(1);
    expect(errors).toContain(words);
    expect(received()).toEqual([way]);
  });

  it('when the agent listens to the signal itself, and ends in its own time', async () => {
    expect(await agent('own-listener', 'SIGTERM')).toEqual({ code: 7, signal: null, errors: '' });
    expect(received()).toEqual(['own-listener']);
  });
});

it('without the arrangement the event would have been lost', async () => {
  expect(await agent('taken-back', 'SIGTERM')).toMatchObject({ signal: 'SIGTERM' });
  expect(received()).toEqual([]);
});
