import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const CANDIDATES = ['/var/lib', '/var/tmp'];

/**
 * A folder of root's that every user can pass through, for what Postgres must reach while everything else of ours lies
 * behind closed folders.
 *
 * Anybody can make a folder in /var/tmp. One that is not root's own, or that others can write, would let them put
 * their program in the place of ours: it is refused.
 */
export async function ownedFolder(candidates: readonly string[] = CANDIDATES): Promise<string> {
  const refusals: string[] = [];
  for (const parent of candidates) {
    const folder = join(parent, 'runcast');
    try {
      await mkdir(folder, { mode: 0o755, recursive: true });
      const { uid, mode } = await stat(folder);
      if (uid === process.getuid?.() && (mode & 0o022) === 0 && (mode & 0o001) !== 0) return folder;
      refusals.push(`${folder} is not safely ours`);
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new Error(`No folder that the user postgres can reach: ${refusals.join('; ')}`);
}
