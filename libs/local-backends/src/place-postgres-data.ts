import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ownedFolder } from './owned-folder.ts';
import { closedFolderAbove, type Account } from './postgres-account.ts';

/**
 * Makes the folder that will hold the data, owned by the account and closed to everybody else, and says where it is:
 * `dataDir`, or, when the account cannot get there, a folder outside that `dataDir` then links to.
 */
export async function placePostgresData(dataDir: string, account: Account | undefined): Promise<string> {
  const wanted = resolve(dataDir);
  await mkdir(dirname(wanted), { recursive: true });
  const closed = account && (await closedFolderAbove(wanted, account));
  if (!closed) return privateFolder(wanted, account);
  const outside = await outsideOf(wanted);
  if ((await linkTarget(wanted)) !== outside) {
    await refuseDataBehind(closed, wanted);
    // What lies outside without a link to it belonged to a home that was deleted.
    await rm(outside, { recursive: true, force: true });
    // A link to somewhere else came with a copied home: those data are the other home's.
    await rm(wanted, { force: true });
    await symlink(outside, wanted);
  }
  return privateFolder(outside, account);
}

/** Deletes the data of a stopped Postgres, wherever {@link placePostgresData} put them. */
export async function removePostgresData(dataDir: string): Promise<void> {
  const wanted = resolve(dataDir);
  const target = await linkTarget(wanted);
  if (target !== undefined && target === (await outsideOf(wanted))) await rm(target, { recursive: true, force: true });
  await rm(wanted, { recursive: true, force: true });
}

async function privateFolder(folder: string, account: Account | undefined): Promise<string> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (account) await chown(folder, account.uid, account.gid);
  return folder;
}

async function outsideOf(wanted: string): Promise<string> {
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return join(await ownedFolder(), `postgres-data-${name}`);
}

async function linkTarget(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

async function refuseDataBehind(closed: string, wanted: string): Promise<void> {
  const found = await lstat(wanted).catch(() => undefined);
  if (!found?.isDirectory()) return;
  throw new Error(
    `The user postgres cannot get to its data in ${wanted}: ${closed} is closed to it. ` +
      `Open that folder (chmod o+x), or start with --fresh.`,
  );
}
