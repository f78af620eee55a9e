import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The release that is fetched when the machine has none. */
export const PINNED_NATS_VERSION = '2.15.1';
/** Atomic batches and `allow_direct` as the log uses them exist from here on. */
export const MINIMUM_NATS_VERSION = '2.12.0';

/** Whether version `found` (`2.15.1`, `2.14.0-preview.1`) is `minimum` or later. */
export function isAtLeast(found: string, minimum: string): boolean {
  const left = numbers(found);
  const right = numbers(minimum);
  for (let part = 0; part < 3; part += 1) {
    if (left[part] !== right[part]) return left[part]! > right[part]!;
  }
  return true;
}

/** The version that a nats-server binary says it is; `undefined` when it cannot be run or says something else. */
export async function natsVersion(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 5_000 });
    return /^nats-server: v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function numbers(version: string): number[] {
  const parts = version.split('-', 1)[0]!.split('.');
  return [0, 1, 2].map((part) => Number.parseInt(parts[part] ?? '0', 10) || 0);
}
