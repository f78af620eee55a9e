import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@runcast/read-models';
import { startTcpProxy, waitFor, type ConnectionLife, type TcpProxy } from '@runcast/test-harness';
import { createKeys } from './keys.ts';
import { createLog, logEnds } from './log.ts';
import { NatsCluster } from './nats-cluster.ts';
import { ChaosPostgres } from './postgres.ts';
import { quietPort } from './quiet-port.ts';
import { Replica } from './replica.ts';
import type { RunFolder } from './run-folder.ts';

export interface DeploymentOptions {
  readonly folder: RunFolder;
  readonly env: NodeJS.ProcessEnv;
  /** How long a connection of a watcher lives; without it, until something breaks it. */
  readonly watcherLife?: () => ConnectionLife;
  readonly leaseMs?: number;
  readonly stallMs?: number;
  readonly heartbeatMs?: number;
  /** How many streams the log has. */
  readonly shards?: number;
  readonly ingestGateways?: number;
  /** Each is given a key of its own. */
  readonly tenants?: readonly string[];
  /** Whether one NATS node gets a disk that can be filled; there it does not wait for a real one. */
  readonly smallDisk?: boolean;
}

/** Every proxy that something can be broken at. */
export interface Doors {
  /** One per NATS node, between it and the services. */
  readonly nats: readonly TcpProxy[];
  readonly postgres: TcpProxy;
  /** One per gateway, between it and its clients. */
  readonly ingest: readonly TcpProxy[];
  readonly realtime: readonly TcpProxy[];
}

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const TENANTS: readonly string[] = ['chaos'];
const DRAINED_MS = 90_000;

/** The whole system as a platform team would run it, in several replicas, with something to break at every joint. */
export class Deployment {
  private constructor(
    readonly nats: NatsCluster,
    readonly postgres: ChaosPostgres,
    readonly ingest: readonly Replica[],
    readonly projectors: readonly Replica[],
    readonly realtime: readonly Replica[],
    readonly doors: Doors,
    readonly shards: number,
    /** By tenant. */
    readonly apiKeys: ReadonlyMap<string, string>,
  ) {}

  static async start(options: DeploymentOptions): Promise<Deployment> {
    const { folder, env, shards = 1, smallDisk } = options;
    const [nats, postgres] = await Promise.all([
      NatsCluster.start({ folder, env, ...(smallDisk !== undefined && { smallDisk }) }),
      ChaosPostgres.start(folder),
    ]);
    await createLog(nats.urls, shards);
    await migrate(postgres.url);
    const apiKeys = await createKeys(postgres.url, options.tenants ?? TENANTS);
    const natsDoors = await Promise.all(nats.clientAddresses.map((address) => startTcpProxy(address)));
    const postgresDoor = await startTcpProxy(`127.0.0.1:${postgres.port}`);
    const databaseUrl = new URL(postgres.url);
    databaseUrl.port = String(postgresDoor.port);
    const shared = {
      PATH: env.PATH,
      HOST: '127.0.0.1',
      NATS_URL: natsDoors.map(({ port }) => `nats://127.0.0.1:${port}`).join(','),
      DATABASE_URL: databaseUrl.href,
      RUNCAST_SIGNING_KEY: randomBytes(32).toString('hex'),
      RUNCAST_SHARDS: String(shards),
      RUNCAST_LEASE_MS: String(options.leaseMs ?? 10_000),
      RUNCAST_HEARTBEAT_MS: String(options.heartbeatMs ?? 1_000),
      RUNCAST_DRAIN_SPREAD_MS: '1000',
      RUNCAST_STALL_MS: String(options.stallMs ?? 60_000),
      // Loading a service is most of what its restart costs here.
      NODE_COMPILE_CACHE: folder.file('compile-cache'),
    };
    const replicas = (app: string, count: number): Promise<Replica[]> =>
      Promise.all(Array.from({ length: count }, (_, index) => replica(app, index, shared, folder)));
    const [projectors, ingest, realtime] = [
      await replicas('projector', 2),
      await replicas('ingest-gateway', options.ingestGateways ?? 2),
      await replicas('realtime-gateway', 3),
    ];
    const all = [...projectors, ...ingest, ...realtime];
    await Promise.all(all.map((each) => each.start()));
    await Promise.all(all.map((each) => each.whenReady()));
    const doors = {
      nats: natsDoors,
      postgres: postgresDoor,
      ingest: await Promise.all(ingest.map(({ url }) => startTcpProxy(url))),
      realtime: await Promise.all(realtime.map(({ url }) => startTcpProxy(url, options.watcherLife))),
    };
    return new Deployment(nats, postgres, ingest, projectors, realtime, doors, shards, apiKeys);
  }

  /** The key of the first tenant; mostly there is no other. */
  get apiKey(): string {
    return [...this.apiKeys.values()][0]!;
  }

  get replicas(): readonly Replica[] {
    return [...this.projectors, ...this.ingest, ...this.realtime];
  }

  /** Where clients send events. */
  get ingestUrls(): readonly string[] {
    return this.doors.ingest.map(urlOf);
  }

  /** Where clients watch. */
  get watchUrls(): readonly string[] {
    return this.doors.realtime.map(urlOf);
  }

  /** Where feeds and pages are read in peace, past the proxies. */
  get readUrls(): readonly string[] {
    return this.realtime.map(({ url }) => url);
  }

  /** Everything is well, and the tables have reached the end of the log as it is now. */
  async whenDrained(): Promise<void> {
    await this.nats.whenHealthy();
    await Promise.all(this.replicas.map((each) => each.whenReady()));
    const ends = await logEnds(this.nats.urls, this.shards);
    let lag: readonly number[] = [];
    const reached = async (): Promise<boolean> => (lag = await this.lagBehind(ends)).every((records) => records <= 0);
    const describe = (): string => `the tables have reached ${ends.join(', ')}; they lack ${lag.join(', ')}`;
    await waitFor(reached, { timeoutMs: DRAINED_MS, describe });
  }

  /** How many records of each shard are not in the tables yet. */
  async lag(): Promise<readonly number[]> {
    return this.lagBehind(await logEnds(this.nats.urls, this.shards));
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((each) => each.close()));
    const { nats, postgres, ingest, realtime } = this.doors;
    await Promise.all([...nats, postgres, ...ingest, ...realtime].map((door) => door.close()));
    await this.postgres.stop();
    await this.nats.close();
  }

  private lagBehind(ends: readonly number[]): Promise<number[]> {
    return Promise.all(ends.map(async (end, shard) => end - (await this.postgres.projection(shard)).sequence));
  }
}

function urlOf({ port }: TcpProxy): string {
  return `http://127.0.0.1:${port}`;
}

async function replica(app: string, index: number, env: NodeJS.ProcessEnv, folder: RunFolder): Promise<Replica> {
  const [port, metricsPort] = [await quietPort(), await quietPort()];
  return new Replica({
    name: `${app}-${index}`,
    main: join(ROOT, 'apps', app, 'dist', 'main.js'),
    env: { ...env, PORT: String(port), METRICS_PORT: String(metricsPort) },
    port,
    metricsPort,
    folder,
  });
}
