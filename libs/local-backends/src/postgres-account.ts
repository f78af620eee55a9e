import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** A user of this machine. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';
const run = promisify(execFile);

/**
 * The account that Postgres must run as: our own, except for root, whom Postgres refuses. Root uses the user
 * `postgres`, and makes it when there is none.
 */
export async function postgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await create());
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function create(): Promise<Account> {
  const shell = '/usr/sbin/nologin';
  await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', shell, NAME]);
  const account = await lookUp();
  if (!account) throw new Error(`the user ${NAME} was created and cannot be found`);
  return account;
}

/**
 * The first folder above `path` that the account may not pass through. Looks at the permission bits only: a folder
 * opened by an access list counts as closed, which costs a copy.
 */
export async function closedFolderAbove(path: string, account: Account): Promise<string | undefined> {
  const above = dirname(path);
  if (above === path) return undefined;
  return (await closedFolderAbove(above, account)) ?? ((await allows(account, above, 0o1)) ? undefined : above);
}

export async function canRead(path: string, account: Account): Promise<boolean> {
  return (await closedFolderAbove(path, account)) === undefined && (await allows(account, path, 0o4));
}

async function allows(account: Account, path: string, bit: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  if (uid === account.uid) return (mode & (bit << 6)) !== 0;
  return (mode & (gid === account.gid ? bit << 3 : bit)) !== 0;
}
