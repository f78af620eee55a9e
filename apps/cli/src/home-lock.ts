import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { processIdentity, type RecordedProcess } from '@runcast/local-backends';
import { UserError } from './errors.ts';
import type { Home } from './home.ts';

/**
 * Makes this process the only launcher of the home until `release` is called. The lock of a launcher that is gone does
 * not count, whoever has its pid by now.
 *
 * @throws UserError when another launcher runs on the home.
 */
export function lockHome(home: Home): { release(): void } {
  const lock = home.path('lock');
  const mine = `${lock}.${process.pid}`;
  const record: RecordedProcess = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  writeFileSync(mine, JSON.stringify(record));
  try {
    while (!tryLink(mine, lock)) giveUpIfHeld(home, lock);
  } finally {
    rmSync(mine, { force: true });
  }
  return { release: () => rmSync(lock, { force: true }) };
}

/** A link, unlike a write, fails when the name exists, and shows the whole record from the first moment on. */
function tryLink(mine: string, lock: string): boolean {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function giveUpIfHeld(home: Home, lock: string): void {
  const text = read(lock);
  if (text === undefined) return;
  refuseIfLive(home, text);
  const aside = `${lock}.stale.${process.pid}`;
  renameSync(lock, aside);
  // Two starts may find the same stale lock, and the slower one may have moved the quicker one's new lock aside.
  const moved = read(aside);
  if (moved !== text) tryLink(aside, lock);
  rmSync(aside, { force: true });
  if (moved !== undefined && moved !== text) refuseIfLive(home, moved);
}

function refuseIfLive(home: Home, text: string): void {
  const holder = parse(text);
  if (!holder || processIdentity(holder.pid) !== holder.identity) return;
  throw new UserError(
    `Runcast already runs on ${home.folder} (launcher pid ${holder.pid}). ` +
      `Stop it with Ctrl-C there, or set RUNCAST_HOME to another folder.`,
  );
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): RecordedProcess | undefined {
  try {
    return JSON.parse(text) as RecordedProcess;
  } catch {
    return undefined;
  }
}
