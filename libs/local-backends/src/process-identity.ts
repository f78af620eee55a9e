import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process as written down for a later launcher: the pid alone may by then belong to a stranger. */
export interface RecordedProcess {
  readonly pid: number;
  /** What {@link processIdentity} said when it was started. */
  readonly identity: string;
}

/**
 * What tells this process from every other one that had or will have its pid: when it started. `undefined` when no
 * such process lives; a zombie does not live, it only waits for its parent.
 */
export function processIdentity(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? identityFromProc(pid) : identityFromPs(pid);
}

function identityFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets and may itself hold blanks and brackets.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const startTicks = rest[18];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${startTicks}`;
  } catch {
    return undefined;
  }
}

function identityFromPs(pid: number): string | undefined {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state?.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}

/**
 * Ends a process that an earlier launcher recorded, if it is still that process: `signal` first, SIGKILL after
 * `withinMs`. Says whether there was anything to end.
 */
export async function stopRecordedProcess(
  recorded: RecordedProcess,
  signal: NodeJS.Signals,
  withinMs: number,
): Promise<boolean> {
  const lives = (): boolean => processIdentity(recorded.pid) === recorded.identity;
  if (!lives()) return false;
  send(recorded.pid, signal);
  const deadline = performance.now() + withinMs;
  while (lives()) {
    if (performance.now() > deadline) send(recorded.pid, 'SIGKILL');
    await delay(20);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone between the look and the signal is what we wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
