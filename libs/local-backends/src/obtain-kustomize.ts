import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { withTemporaryFolder } from './temporary-folder.ts';
import { unpackDebian } from './unpack-debian.ts';

const run = promisify(execFile);
const DEBIAN_KUSTOMIZE = { package: 'kustomize', path: 'usr/bin/kustomize' };

/**
 * The command that renders a folder of manifests: kustomize, or the one inside kubectl, from the PATH, our cache, or Debian's
 * package, which is unpacked into the cache. Nothing on the system is changed.
 *
 * @throws when no way works; the message says what to install.
 */
export async function obtainKustomize(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const cached = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'runcast', 'kustomize');
  const present: readonly (readonly [version: string[], command: string[]])[] = [
    [
      ['kustomize', 'version'],
      ['kustomize', 'build'],
    ],
    [
      [cached, 'version'],
      [cached, 'build'],
    ],
    [
      ['kubectl', 'kustomize', '--help'],
      ['kubectl', 'kustomize'],
    ],
  ];
  for (const [[program, ...args], command] of present) if (await runs(program!, args, env)) return command;
  try {
    await withTemporaryFolder('kustomize', async (folder) =>
      keep(await unpackDebian(folder, DEBIAN_KUSTOMIZE), cached),
    );
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`No kustomize could be had (Debian's package: ${reason}). Install kustomize or kubectl.`, {
      cause: error,
    });
  }
  return [cached, 'build'];
}

async function runs(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  return run(program, args, { env, timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** Under a name of its own first: another run may be doing the same. */
async function keep(program: string, kept: string): Promise<void> {
  await mkdir(dirname(kept), { recursive: true });
  const partial = `${kept}.${process.pid}`;
  await copyFile(program, partial);
  await chmod(partial, 0o755);
  await rename(partial, kept);
}
