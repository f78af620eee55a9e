import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  obtainNatsServer,
  processIdentity,
  removePostgresData,
  startNats,
  startPostgres,
  stopRecordedProcess,
  type RecordedProcess,
} from '@runcast/local-backends';
import type { RunningBackends } from './global-setup.ts';

const RECORD = 'processes.json';
const POSTGRES = 'postgres';

/** A real nats-server and a real Postgres in a folder of this run's own. */
export async function startEmbeddedBackends(env: NodeJS.ProcessEnv): Promise<RunningBackends> {
  const runs = join(tmpdir(), `runcast-tests-${process.getuid?.() ?? 0}`);
  mkdirSync(runs, { recursive: true });
  await sweep(runs);
  const folder = mkdtempSync(join(runs, 'run-'));
  // The user that Postgres runs as when we are root must get through to its data.
  chmodSync(runs, 0o711);
  chmodSync(folder, 0o711);
  record(folder, [process.pid]);
  const { path: binary } = await obtainNatsServer({ home: folder, env, report: () => undefined });
  const [nats, postgres] = await Promise.all([
    // Each spec has streams of its own, and each of them reserves its whole size.
    startNats({ binary, port: 0, storeDir: join(folder, 'nats'), reservable: '8TB' }),
    startPostgres({
      dataDir: join(folder, POSTGRES),
      port: 0,
      passwordFile: join(folder, 'postgres-password'),
      logFile: join(folder, 'postgres.log'),
      // No test pulls the plug of the machine; killed processes lose nothing without it.
      settings: { fsync: 'off', full_page_writes: 'off' },
    }),
  ]);
  record(folder, [process.pid, nats.pid, postgres.pid]);
  return {
    natsUrl: nats.url,
    databaseUrl: postgres.url,
    async stop() {
      await Promise.all([nats.stop(), postgres.stop()]);
      await remove(folder);
    },
  };
}

/** The runner comes first: the others are orphans once it is gone. */
function record(folder: string, pids: readonly number[]): void {
  const processes = pids.map((pid): RecordedProcess => ({ pid, identity: processIdentity(pid) ?? '' }));
  writeFileSync(join(folder, RECORD), JSON.stringify(processes));
}

/** Ends and deletes what runs left behind that were killed before their tear-down. */
async function sweep(runs: string): Promise<void> {
  for (const name of readdirSync(runs)) {
    const file = join(runs, name, RECORD);
    // Without a record the folder was made a moment ago.
    if (!existsSync(file)) continue;
    const [runner, ...servers] = JSON.parse(readFileSync(file, 'utf8')) as RecordedProcess[];
    if (runner && processIdentity(runner.pid) === runner.identity) continue;
    for (const server of servers) await stopRecordedProcess(server, 'SIGKILL', 0);
    await remove(join(runs, name));
  }
}

async function remove(folder: string): Promise<void> {
  await removePostgresData(join(folder, POSTGRES));
  rmSync(folder, { recursive: true, force: true });
}
