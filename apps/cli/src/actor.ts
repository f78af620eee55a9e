import { userInfo } from 'node:os';

/** Who sits at this command line, for the audit. */
export function actorOf(): string {
  return `command line, ${userName()}`;
}

/** In a container a process may run as a user that the system has no name for. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
