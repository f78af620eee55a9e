import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the fixture as a process of its own. `onOutput` sees everything it has said so far, whenever it says more. */
async function runFixture(
  env: Record<string, string>,
  onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const script = new URL('./fixtures/service.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@runcast/source', script], { env });
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    onOutput(output, (signal) => child.kill(signal));
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output };
}

/** Calls `act` the first time the output holds `text`. */
function when(text: string, act: (kill: (signal: NodeJS.Signals) => void) => void) {
  let done = false;
  return (output: string, kill: (signal: NodeJS.Signals) => void) => {
    if (done || !output.includes(text)) return;
    done = true;
    act(kill);
  };
}

const started = '"msg":"started"';

describe('runService', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('flips readiness, stops in order and exits with 0 on %s', async (signal) => {
    const { exitCode, output } = await runFixture(
      { BEHAVIOUR: 'serve' },
      when(started, (kill) => kill(signal)),
    );
    expect(exitCode).toBe(0);
    expect(output).toMatch(
      /http closes while draining\n[^]*log closes\n[^]*"completed":\["readiness","notice","http","log"\]/,
    );
  });

  it('collects once when it has started, where Node was started with --expose-gc', async () => {
    const gc = 'globalThis.gc=({flavor})=>console.log("collected:",flavor)';
    const env = { BEHAVIOUR: 'serve', NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(gc)}` };
    const { exitCode, output } = await runFixture(
      env,
      when('collected', (kill) => kill('SIGTERM')),
    );
    expect(exitCode).toBe(0);
    expect(output.match(/"msg":"started"|collected: .*/g)).toEqual([started, 'collected: last-resort']);
  });

  it('exits with 78 and names the variables when the environment is unusable', async () => {
    const { exitCode, output } = await runFixture({ BEHAVIOUR: 'dance', PORT: 'x' });
    expect(exitCode).toBe(78);
    expect(output).toMatch(/PORT: .*\n[^]*BEHAVIOUR: /);
  });

  it('exits with 1 when it cannot start', async () => {
    const { exitCode, output } = await runFixture({ BEHAVIOUR: 'refuse' });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/"level":"fatal"[^]*no log[^]*could not start/);
  });

  it('finishes what it can and exits with 1 after an error nobody caught', async () => {
    const { exitCode, output } = await runFixture({ BEHAVIOUR: 'crash' });
    expect(exitCode).toBe(1);
    // In any order: what is fatal is written to standard error, which is another pipe.
    expect(output).toMatch(/"level":"fatal".*unforeseen/);
    expect(output).toMatch(/http closes[^]*log closes/);
  });

  it('gives up at the deadline with 1 and names what was left', async () => {
    const env = { BEHAVIOUR: 'hang', RUNCAST_DRAIN_DEADLINE_MS: '100' };
    const { exitCode, output } = await runFixture(
      env,
      when(started, (kill) => kill('SIGTERM')),
    );
    expect(exitCode).toBe(1);
    expect(output).toContain('"unfinished":["http","log"]');
  });

  it('ends at once on a second signal', async () => {
    const secondSignal = when('http closes', (kill) => kill('SIGINT'));
    const firstSignal = when(started, (kill) => kill('SIGTERM'));
    const { exitCode, output } = await runFixture({ BEHAVIOUR: 'hang' }, (text, kill) => {
      firstSignal(text, kill);
      secondSignal(text, kill);
    });
    expect(exitCode).toBe(1);
    expect(output).not.toContain('gave up');
  });
});
