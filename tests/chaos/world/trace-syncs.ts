import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { waitFor } from '@runcast/test-harness';
import { countSyncs } from '../check/synced.ts';
import type { RunFolder } from './run-folder.ts';

export function canTrace(env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'strace'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Watches what a process asks the kernel to put on the disk, until the result is called; answers how often it did. */
export async function traceSyncs(pid: number, file: string, folder: RunFolder): Promise<() => Promise<number>> {
  const calls = 'trace=fsync,fdatasync,sync_file_range,msync';
  const tracer = spawn('strace', ['-f', '-e', calls, '-o', file, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => tracer.once('close', () => resolve()));
  folder.recordProcess(tracer.pid!);
  let said = '';
  tracer.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await waitFor(() => said.includes('attached'), { describe: () => `strace watches ${pid}. It said: ${said}` });
  return async () => {
    tracer.kill('SIGINT');
    await ended;
    return countSyncs(readFileSync(file, 'utf8'));
  };
}
