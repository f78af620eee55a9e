import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LaunchOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as this user; needs root. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LaunchedProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The exit, once there is one. */
  exit(): Exit | undefined;
  /** Asks with `signal`, and kills what is still there after `withinMs`. Resolves when the process is gone. */
  stop(signal: NodeJS.Signals, withinMs: number): Promise<Exit>;
}

/**
 * Starts a program in a session of its own: Ctrl-C in the terminal reaches only us, so that we decide the order in
 * which things stop. Rejects when the program cannot be executed at all.
 */
export async function launch(options: LaunchOptions): Promise<LaunchedProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.account && { uid: options.account.uid, gid: options.account.gid }),
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return watched(child);
  } finally {
    closeSync(log);
  }
}

function watched(child: ChildProcess): LaunchedProcess {
  let ended: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve((ended = { code, signal })));
  });
  return {
    pid: child.pid!,
    exited,
    exit: () => ended,
    async stop(signal, withinMs) {
      if (ended) return ended;
      child.kill(signal);
      const deadline = setTimeout(() => child.kill('SIGKILL'), withinMs);
      return exited.finally(() => clearTimeout(deadline));
    },
  };
}
