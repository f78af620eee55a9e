import { processIdentity, stopRecordedProcess, type RecordedProcess } from '@runcast/local-backends';
import type { Home } from './home.ts';

interface ListedProcess extends RecordedProcess {
  readonly name: string;
}

const STOP_MS = 15_000;

/** The processes that this launcher has started, written down so that the next one can end what a crash left behind. */
export class ProcessList {
  readonly #live = new Map<string, ListedProcess>();

  constructor(private readonly home: Home) {}

  started(name: string, pid: number): void {
    this.#live.set(name, { name, pid, identity: processIdentity(pid) ?? '' });
    this.#write();
  }

  ended(name: string): void {
    this.#live.delete(name);
    this.#write();
  }

  pid(name: string): number | undefined {
    return this.#live.get(name)?.pid;
  }

  pids(): number[] {
    return [...this.#live.values()].map(({ pid }) => pid);
  }

  #write(): void {
    this.home.write('processes', JSON.stringify([...this.#live.values()], null, 2));
  }
}

/** Ends what an earlier launcher of this home started and could not end itself, the newest first. */
export async function stopOrphans(home: Home, report: (line: string) => void): Promise<void> {
  const listed = JSON.parse(home.read('processes') ?? '[]') as ListedProcess[];
  for (const orphan of listed.reverse()) {
    // SIGINT means "fast" to Postgres and an orderly end to all others.
    const stopped = await stopRecordedProcess(orphan, 'SIGINT', STOP_MS);
    if (stopped) report(`${orphan.name}: ended process ${orphan.pid}, left over from a launcher that was killed`);
  }
  home.remove('processes');
}
