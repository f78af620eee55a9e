import { obtainNatsServer, startNats, startPostgres, type RunningBackend } from '@runcast/local-backends';
import { POSTGRES_DATA, RunFolder } from '../../chaos/world/run-folder.ts';
import { Profile } from './profile.ts';

/**
 * Written to the disk before it is acknowledged, as everywhere. The checkpoints are as far apart as on any server that
 * is meant to take writes: with the defaults some rounds would pay for the rounds before them.
 */
const POSTGRES_SETTINGS = { shared_buffers: '256MB', max_wal_size: '8GB', checkpoint_timeout: '30min' };

/** A real nats-server and a real Postgres for the whole benchmark. */
export class Backends {
  private constructor(
    readonly folder: RunFolder,
    readonly nats: RunningBackend,
    readonly postgres: RunningBackend,
    readonly natsVersion: string,
    readonly profile: Profile,
  ) {}

  static async start(env: NodeJS.ProcessEnv, report: (line: string) => void, profile: Profile): Promise<Backends> {
    const folder = await RunFolder.create('bench');
    const binary = await obtainNatsServer({ home: folder.path, env, report });
    const onSpawn = (pid: number): void => folder.recordProcess(pid);
    const [nats, postgres] = await Promise.all([
      startNats({ binary: binary.path, port: 0, storeDir: folder.file('nats'), onSpawn }),
      startPostgres({
        port: 0,
        dataDir: folder.file(POSTGRES_DATA),
        passwordFile: folder.file('postgres-password'),
        logFile: folder.file('postgres.log'),
        settings: POSTGRES_SETTINGS,
        onSpawn,
      }),
    ]);
    return new Backends(folder, nats, postgres, binary.version, profile);
  }

  get natsUrl(): string {
    return this.nats.url;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  async close(keep: boolean): Promise<void> {
    await Promise.all([this.nats.stop(), this.postgres.stop()]);
    await this.folder.remove(keep);
  }
}
