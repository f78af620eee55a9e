import { randomBytes } from 'node:crypto';
import { EventLog } from '@runcast/event-log';
import { ApiKeys, migrate, openDatabase } from '@runcast/read-models';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import type { Backends } from './backends.ts';
import { Service, type ServiceName } from './service.ts';

export interface InstallationOptions {
  readonly name: string;
  readonly shards?: number;
  /** Beyond those that every service is given. */
  readonly env?: NodeJS.ProcessEnv;
  /** One tenant for each key, the first the tenant of {@link Installation.apiKey}. */
  readonly tenants?: readonly string[];
}

const LOG_BYTES = 3 * 1024 ** 3;

/** A Runcast of one figure's own, on the backends that all figures share. */
export class Installation {
  private readonly services: Service[] = [];

  private constructor(
    private readonly backends: Backends,
    readonly namespace: string,
    readonly databaseUrl: string,
    readonly apiKeys: readonly string[],
    readonly shards: number,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async create(backends: Backends, options: InstallationOptions): Promise<Installation> {
    const { name, shards = 1, tenants = ['bench'] } = options;
    const namespace = `${name}${randomBytes(3).toString('hex')}`;
    const databaseUrl = await createDatabase(backends.databaseUrl, namespace);
    await migrate(databaseUrl);
    const apiKeys = await createKeys(databaseUrl, tenants);
    const env = {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      NATS_URL: backends.natsUrl,
      DATABASE_URL: databaseUrl,
      RUNCAST_NAMESPACE: namespace,
      RUNCAST_SHARDS: String(shards),
      RUNCAST_LOG_MAX_BYTES: String(LOG_BYTES),
      RUNCAST_SIGNING_KEY: randomBytes(32).toString('hex'),
      ...options.env,
    };
    const installation = new Installation(backends, namespace, databaseUrl, apiKeys, shards, env);
    await (await installation.openLog()).close();
    return installation;
  }

  get apiKey(): string {
    return this.apiKeys[0]!;
  }

  /** The head lines that every request to it needs. */
  get headers(): string {
    return headersOf(this.apiKey);
  }

  async start(name: ServiceName, env: NodeJS.ProcessEnv = {}, nodeOptions: readonly string[] = []): Promise<Service> {
    const { folder, profile } = this.backends;
    const service = await Service.start({
      name,
      env: { ...this.env, ...env },
      folder: folder.path,
      onSpawn: (pid) => folder.recordProcess(pid),
      nodeOptions: [...profile.optionsFor(name), ...nodeOptions],
    });
    this.services.push(service);
    return service;
  }

  /** The log, for what the benchmark itself writes and reads. */
  openLog(): Promise<EventLog> {
    return EventLog.connect({
      servers: this.backends.natsUrl,
      clientName: 'bench',
      shards: this.shards,
      namespace: this.namespace,
      maxBytes: LOG_BYTES,
    });
  }

  /** Where the tables of a shard stand. */
  async projectedUpTo(client: pg.Client, shard = 0): Promise<number> {
    const { rows } = await client.query<{ sequence: string }>('SELECT sequence FROM projection WHERE shard = $1', [
      shard,
    ]);
    return Number(rows[0]?.sequence ?? 0);
  }

  /** Ends its services and deletes its log and tables: the next figure must not pay for them. */
  async remove(): Promise<void> {
    await Promise.all(this.services.map((service) => (this.backends.profile.wanted ? service.stop() : service.kill())));
    const connection = await connect({ servers: this.backends.natsUrl.split(','), timeout: 30_000 });
    const manager = await jetstreamManager(connection);
    for (let shard = 0; shard < this.shards; shard += 1) {
      await manager.streams.delete(`EVENTS-${this.namespace}-${shard}`).catch(() => false);
    }
    await connection.close();
    const name = new URL(this.databaseUrl).pathname.slice(1);
    await asAdmin(this.backends.databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

export function headersOf(apiKey: string): string {
  return `x-api-key: ${apiKey}\r\nContent-Type: application/json\r\n`;
}

async function createKeys(databaseUrl: string, tenants: readonly string[]): Promise<string[]> {
  const database = openDatabase({ databaseUrl, applicationName: 'bench', maxConnections: 1 });
  const keys = new ApiKeys(database);
  const made: string[] = [];
  for (const tenant of tenants) {
    made.push((await keys.create({ tenant, name: 'bench', scopes: ['ingest', 'read'], actor: 'bench' })).key);
  }
  await database.end();
  return made;
}

async function createDatabase(adminUrl: string, name: string): Promise<string> {
  await asAdmin(adminUrl, `CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
