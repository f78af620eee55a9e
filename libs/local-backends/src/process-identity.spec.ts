import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { processIdentity, stopRecordedProcess } from './process-identity.ts';

describe('processIdentity', () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  async function start(program: string): Promise<number> {
    child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child!.stdout!.once('data', resolve));
    return child.pid!;
  }
  const IDLE = "setInterval(() => {}, 1000); console.log('up')";

  it('stays the same while the process lives, and differs from every other process', async () => {
    const pid = await start(IDLE);
    const identity = processIdentity(pid);
    expect(identity).toBeDefined();
    expect(processIdentity(pid)).toBe(identity);
    expect(processIdentity(process.pid)).not.toBe(identity);
  });

  it('is nothing for a process that is gone', async () => {
    const pid = await start(IDLE);
    const gone = new Promise((resolve) => child!.once('exit', resolve));
    child!.kill('SIGKILL');
    await gone;
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('lets a recorded process be stopped', async () => {
    const pid = await start(IDLE);
    await expect(stopRecordedProcess({ pid, identity: processIdentity(pid)! }, 'SIGTERM', 5_000)).resolves.toBe(true);
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('kills what does not react to the signal', async () => {
    const pid = await start(`process.on('SIGTERM', () => {}); ${IDLE}`);
    await stopRecordedProcess({ pid, identity: processIdentity(pid)! }, 'SIGTERM', 50);
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('never touches a stranger who has the pid now', async () => {
    const pid = await start(IDLE);
    await expect(stopRecordedProcess({ pid, identity: 'an earlier one' }, 'SIGKILL', 0)).resolves.toBe(false);
    expect(processIdentity(pid)).toBeDefined();
  });
});
