import { readFileSync } from 'node:fs';
import { startPostgres, type RunningBackend } from '@runcast/local-backends';
import { waitFor } from '@runcast/test-harness';
import pg from 'pg';
import { quietPort } from './quiet-port.ts';
import { POSTGRES_DATA, type RunFolder } from './run-folder.ts';

export interface ProjectionRow {
  readonly holder: string | null;
  readonly fence: number;
  readonly sequence: number;
}

const RESTART_MS = 30_000;

/** The Postgres under test, and our own way to it that no proxy breaks. */
export class ChaosPostgres {
  private constructor(
    private readonly folder: RunFolder,
    private server: RunningBackend,
  ) {}

  static async start(folder: RunFolder): Promise<ChaosPostgres> {
    return new ChaosPostgres(folder, await launchPostgres(folder, await quietPort()));
  }

  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return this.server.port;
  }

  async kill(): Promise<void> {
    process.kill(this.server.pid, 'SIGKILL');
    await this.server.exited;
  }

  /** The orderly way down. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Starts it again on its port. Sessions of a killed server may hold its shared memory for another moment. */
  async startAgain(): Promise<void> {
    const { port } = this.server;
    const describe = 'Postgres is back';
    this.server = await waitFor(() => launchPostgres(this.folder, port), { timeoutMs: RESTART_MS, describe });
  }

  /** Stops every process of it in its tracks; answers what lets them go on. */
  freeze(): () => void {
    const pids = [...childrenOf(this.server.pid), this.server.pid];
    for (const pid of pids) signal(pid, 'SIGSTOP');
    return () => {
      for (const pid of pids.toReversed()) signal(pid, 'SIGCONT');
    };
  }

  /** Ends all sessions of the services, in the middle of whatever they do. */
  async terminateSessions(): Promise<void> {
    await this.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
  }

  async projection(shard = 0): Promise<ProjectionRow> {
    const [row] = await this.query<{ holder: string | null; fence: string; sequence: string }>(
      `SELECT holder, fence, sequence FROM projection WHERE shard = ${shard}`,
    );
    return { holder: row?.holder ?? null, fence: Number(row?.fence ?? 0), sequence: Number(row?.sequence ?? 0) };
  }

  async query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function launchPostgres(folder: RunFolder, port: number): Promise<RunningBackend> {
  return startPostgres({
    dataDir: folder.file(POSTGRES_DATA),
    port,
    passwordFile: folder.file('postgres-password'),
    logFile: folder.file('logs', 'postgres.log'),
    onSpawn: (pid) => folder.recordProcess(pid),
  });
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // A session may have ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
