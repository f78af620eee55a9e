import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  processIdentity,
  removePostgresData,
  stopRecordedProcess,
  type RecordedProcess,
} from '@runcast/local-backends';

interface Leavings {
  readonly processes: RecordedProcess[];
  /** Commands that undo what was set up outside the folder, in the order in which it was set up. */
  readonly undo: [string, ...string[]][];
}

const RECORD = 'leavings.json';
const KEPT_MS = 24 * 3_600_000;
export const POSTGRES_DATA = 'postgres';

/**
 * A folder of this run's own, and the list of everything that must not outlive the run. The list is on the disk, so
 * that the next run can clean up after one that was killed.
 */
export class RunFolder {
  private constructor(
    readonly path: string,
    private readonly recordFile: string,
    private readonly leavings: Leavings,
  ) {}

  /** `suite` keeps the runs of different suites apart. */
  static async create(suite = 'chaos'): Promise<RunFolder> {
    const runs = join(tmpdir(), `runcast-${suite}-${process.getuid?.() ?? 0}`);
    mkdirSync(runs, { recursive: true });
    await sweep(runs);
    const path = mkdtempSync(join(runs, 'run-'));
    // The user that Postgres runs as when we are root must get through to its data.
    for (const folder of [runs, path]) chmodSync(folder, 0o711);
    const folder = new RunFolder(path, join(path, RECORD), { processes: [], undo: [] });
    folder.recordProcess(process.pid);
    return folder;
  }

  /** A folder in this one for one of several scenarios; what it leaves is recorded with the rest. */
  within(name: string): RunFolder {
    const path = this.file(name);
    mkdirSync(path, { mode: 0o711 });
    return new RunFolder(path, this.recordFile, this.leavings);
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  recordProcess(pid: number): void {
    this.leavings.processes.push({ pid, identity: processIdentity(pid) ?? '' });
    this.save();
  }

  /** To be called before the thing is set up: undoing what does not exist does no harm. */
  recordUndo(...command: [string, ...string[]]): void {
    this.leavings.undo.push(command);
    this.save();
  }

  /** Ends what still runs and undoes the rest; deletes the folder unless it is to be looked at. */
  async remove(keep: boolean): Promise<void> {
    await cleanUp({ ...this.leavings, processes: this.leavings.processes.slice(1) });
    if (keep) rmSync(this.recordFile);
    else await removeFolder(this.path);
  }

  private save(): void {
    writeFileSync(this.recordFile, JSON.stringify(this.leavings));
  }
}

async function sweep(runs: string): Promise<void> {
  for (const name of readdirSync(runs)) {
    const file = join(runs, name, RECORD);
    // Without a record it was made a moment ago, or kept to be looked at.
    if (!existsSync(file)) {
      if (Date.now() - statSync(join(runs, name)).mtimeMs > KEPT_MS) await removeFolder(join(runs, name));
      continue;
    }
    const { processes, undo } = JSON.parse(readFileSync(file, 'utf8')) as Leavings;
    const [runner, ...children] = processes;
    if (runner && processIdentity(runner.pid) === runner.identity) continue;
    await cleanUp({ processes: children, undo });
    await removeFolder(join(runs, name));
  }
}

async function cleanUp({ processes, undo }: Leavings): Promise<void> {
  for (const each of processes) await stopRecordedProcess(each, 'SIGKILL', 0);
  for (const [command, ...args] of undo.toReversed()) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      // It was never set up, or is gone already.
    }
  }
}

async function removeFolder(path: string): Promise<void> {
  const parts = readdirSync(path, { withFileTypes: true }).filter((each) => each.isDirectory());
  for (const part of ['.', ...parts.map(({ name }) => name)]) {
    await removePostgresData(join(path, part, POSTGRES_DATA));
  }
  rmSync(path, { recursive: true, force: true });
}
