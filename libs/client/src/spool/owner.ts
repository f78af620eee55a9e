import { hostname } from 'node:os';

/** Whose a folder of a spool is. Written into the folder's name, so that a folder never exists without it. */
export interface SpoolOwner {
  readonly host: string;
  /** 0: nobody's; the process that had it has closed it. */
  readonly pid: number;
  /** When the process began: a number that is given to another process comes with another beginning. */
  readonly startedMs: number;
  readonly random: string;
}

/** Owners give a sign of life this often, by the folder's time of change. */
export const TOUCH_MS = 60_000;
/** A silence that no living owner keeps: ten missed signs. */
const SILENT_MS = 10 * TOUCH_MS;
/** The uptime of a process is not exact. */
const SAME_START_MS = 5_000;

export function thisProcess(random: string): SpoolOwner {
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, '_');
  return { host, pid: process.pid, startedMs: Math.round(Date.now() - process.uptime() * 1000), random };
}

export function folderName({ host, pid, startedMs, random }: SpoolOwner): string {
  return [host, pid, startedMs, random].join('~');
}

/** `undefined` for a folder that is not a spool's. */
export function ownerOf(folder: string): SpoolOwner | undefined {
  const [, host, pid, startedMs, random] = /^([A-Za-z0-9._-]+)~(\d+)~(\d+)~([A-Za-z0-9-]+)$/.exec(folder) ?? [];
  if (host === undefined || random === undefined) return undefined;
  return { host, pid: Number(pid), startedMs: Number(startedMs), random };
}

/**
 * Whether nobody will send what is in the folder. Taking over a folder whose owner lives after all (a process that was
 * frozen for ten minutes) sends its events twice under the same ids, which stores them once.
 *
 * @param silentMs for how long the owner has given no sign of life
 * @param isRunning whether a process of this host runs under a number
 */
export function isOrphan(
  owner: SpoolOwner,
  self: SpoolOwner,
  silentMs: number,
  isRunning: (pid: number) => boolean,
): boolean {
  if (owner.pid === 0 || silentMs > SILENT_MS) return true;
  // Whether a process of another host, or of another container, lives, its silence alone can tell.
  if (owner.host !== self.host) return false;
  // In a container that was restarted the dead process had our number.
  if (owner.pid === self.pid) return Math.abs(owner.startedMs - self.startedMs) > SAME_START_MS;
  return !isRunning(owner.pid);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
