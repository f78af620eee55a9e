import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removePostgresData } from '@runcast/local-backends';

const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** The names of all that Runcast puts into its home. `--fresh` removes these and nothing else. */
const NAMES = {
  lock: 'lock',
  processes: 'processes.json',
  devFile: 'dev.json',
  demoKey: 'demo-key',
  signingKey: 'signing-key',
  postgresPassword: 'postgres-password',
  nats: 'nats',
  postgres: 'postgres',
  logs: 'logs',
} as const;

/** The folder where one local Runcast keeps everything: data, keys, logs, and who is running. */
export class Home {
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  path(name: keyof typeof NAMES): string {
    return join(this.folder, NAMES[name]);
  }

  /** A log file; one that has grown large moves aside, so that logs never fill the disk over many starts. */
  logFile(name: string): string {
    mkdirSync(this.path('logs'), { recursive: true });
    const file = join(this.path('logs'), `${name}.log`);
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
    return file;
  }

  read(name: keyof typeof NAMES): string | undefined {
    try {
      return readFileSync(this.path(name), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Readable for the owner only, and never half written: a reader sees the old text or the new. */
  write(name: keyof typeof NAMES, text: string): void {
    const partial = `${this.path(name)}.${process.pid}`;
    writeFileSync(partial, text, { mode: 0o600 });
    chmodSync(partial, 0o600);
    renameSync(partial, this.path(name));
  }

  remove(name: keyof typeof NAMES): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Removes all that Runcast made, except the lock: who resets holds it. Nothing of it may be running. */
  async reset(): Promise<void> {
    await removePostgresData(this.path('postgres'));
    for (const name of Object.keys(NAMES) as (keyof typeof NAMES)[]) if (name !== 'lock') this.remove(name);
  }
}
