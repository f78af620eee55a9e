import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventLog } from '@runcast/event-log';

import { ApiKeys, migrate, openDatabase } from '@runcast/read-models';
import { startTcpProxy, waitFor, type ConnectionLife, type TcpProxy } from '@runcast/test-harness';
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
const TENANT = 'chaos';
const LOG_BYTES = 2 * 1024 ** 3;
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
    readonly apiKey: string,
  ) {}

  static async start(options: DeploymentOptions): Promise<Deployment> {
    const { folder, env } = options;
    const [nats, postgres] = await Promise.all([NatsCluster.start({ folder, env }), ChaosPostgres.start(folder)]);
    await createLog(nats.urls);
    await migrate(postgres.url);
    const apiKey = await createKey(postgres.url);
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
      await replicas('ingest-gateway', 2),
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
    return new Deployment(nats, postgres, ingest, projectors, realtime, doors, apiKey);
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
    const log = await EventLog.connect({ servers: this.nats.urls, clientName: 'chaos', shards: 1 });
    try {
      const { lastSequence } = await log.identity(0);
      let seen = 0;
      const reached = async (): Promise<boolean> =>
        (seen = (await this.postgres.projection()).sequence) >= lastSequence;
      const describe = (): string => `the tables have reached ${lastSequence}; they stand at ${seen}`;
      await waitFor(reached, { timeoutMs: DRAINED_MS, describe });
    } finally {
      await log.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((each) => each.close()));
    const { nats, postgres, ingest, realtime } = this.doors;
    await Promise.all([...nats, postgres, ...ingest, ...realtime].map((door) => door.close()));
    await this.postgres.stop();
    await this.nats.close();
  }
}

function urlOf({ port }: TcpProxy): string {
  return `http://127.0.0.1:${port}`;
}

/** Three copies of the log. The services take the stream as they find it. */
export async function createLog(servers: string): Promise<void> {
  const options = { servers, clientName: 'chaos', shards: 1, replicas: 3, maxBytes: LOG_BYTES };
  await (await EventLog.connect(options)).close();
}

async function createKey(databaseUrl: string): Promise<string> {
  const database = openDatabase({ databaseUrl, applicationName: 'chaos', maxConnections: 1 });
  try {
    return (
      await new ApiKeys(database).create({ tenant: TENANT, name: 'chaos', scopes: ['ingest', 'read'], actor: 'chaos' })
    ).key;
  } finally {
    await database.end();
  }
}

async function replica(app: string, index: number, env: NodeJS.ProcessEnv, folder: RunFolder): Promise<Replica> {
  const port = await quietPort();
  return new Replica({
    name: `${app}-${index}`,
    main: join(ROOT, 'apps', app, 'dist', 'main.js'),
    env: { ...env, PORT: String(port) },
    port,
    folder,
  });
}
