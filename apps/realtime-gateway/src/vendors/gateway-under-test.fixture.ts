import { Messaging } from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import {
  ApiKeys,
  claimProjection,
  KeyRing,
  migrate,
  openDatabase,
  type CreatedKey,
  type Database,
  type NewKey,
} from '@runcast/read-models';
import type { JsonObject, RunEvent } from '@runcast/run-events';
import {
  type GuardedRoute,
  createLogger,
  lookupIn,
  Metrics,
  Readiness,
  type LookupKey,
  type Principal,
} from '@runcast/service-host';
import { freshDatabase, freshNamespace, testBackends, waitFor } from '@runcast/test-harness';
import { schema } from '../config.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import { Redactor } from '@runcast/redaction';
import { Recorder } from './recorder.ts';

const STANDARD = new Redactor();

const KEYS: Record<string, Principal> = {
  'acme-key': { tenant: 'acme', keyId: '1', scopes: ['read', 'invoke'] },
  'rival-key': { tenant: 'rival', keyId: '2', scopes: ['read', 'invoke'] },
  'read-key': { tenant: 'acme', keyId: '3', scopes: ['read'] },
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

/** Realtime gateways over one log and one set of tables, with a projector between the two. */
export class GatewayUnderTest {
  private readonly gateways: Gateway[] = [];
  private readonly rings: KeyRing[] = [];
  /** Of each gateway, in order. */
  readonly metrics: Metrics[] = [];
  readonly urls: string[] = [];
  /** How the gateways recognise tokens. */
  tokens: LookupKey | undefined;

  private constructor(
    readonly log: EventLog,
    readonly messaging: Messaging,
    readonly database: Database,
    readonly namespace: string,
    private readonly databaseUrl: string,
    private readonly stopProjecting: () => Promise<void>,
  ) {}

  static async start({ replicas = 1, settings = {}, maxAgeMs = 0 } = {}): Promise<GatewayUnderTest> {
    const namespace = freshNamespace();
    const nats = { servers: testBackends().natsUrl, clientName: 'spec', namespace };
    const { url } = await freshDatabase();
    await migrate(url);
    const database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
    const log = await EventLog.connect({ ...nats, shards: 1, maxBytes: 64 * 1024 * 1024, maxAgeMs });
    const messaging = await Messaging.connect(nats);
    const under = new GatewayUnderTest(log, messaging, database, namespace, url, await project(log, database));
    for (let replica = 0; replica < replicas; replica += 1) await under.addGateway(settings);
    return under;
  }

  /** Every HTTP route of the gateway, as it is served. */
  get routes(): readonly GuardedRoute[] {
    return this.gateways[0]!.app.routes;
  }

  get url(): string {
    return this.urls[0]!;
  }

  async close(): Promise<void> {
    for (const { app, feeds } of this.gateways) {
      await feeds.streams.drain(0, Math.random);
      await app.close();
      feeds.close();
    }
    for (const ring of this.rings) await ring.stop();
    await this.stopProjecting();
    await this.messaging.close();
    await this.log.close();
    await this.database.end();
  }

  async send(method: string, path: string, body?: unknown, key = 'acme-key'): Promise<Answer> {
    const response = await this.open(method, path, body, key);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as JsonObject };
  }

  /** The answer while it is still coming. */
  open(method: string, path: string, body?: unknown, key = 'acme-key', more: RequestInit = {}): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(this.url + path, {
      method,
      ...(body !== undefined && { body: text }),
      ...more,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }), ...more.headers },
    });
  }

  /** A key in the tables, known to every gateway. */
  async createKey(request: Partial<NewKey> = {}): Promise<CreatedKey> {
    const created = await new ApiKeys(this.database).create({
      tenant: 'acme',
      name: 'spec',
      scopes: ['read'],
      actor: 'spec',
      ...request,
    });
    for (const ring of this.rings) await ring.refresh();
    return created;
  }

  /** Appends an event of the run in our own form; resolves when the tables hold it. */
  async tell(run: string, type: string, data: JsonObject = {}, names: Partial<RunEvent> = {}): Promise<void> {
    const { tenant = 'acme', ...hints } = names;
    const recorder = new Recorder(this.log, () => STANDARD);
    const body = { type, data };
    const { sequence, shard, epoch } = await recorder.record({
      tenant,
      dialect: 'runcast',
      body,
      hints: { run, ...hints },
    });
    await this.projected(`${shard}.${epoch}.${sequence}`);
  }

  /** Resolves when the tables have come to a position. */
  async projected(position: string): Promise<void> {
    const path = `/v1/runs?limit=1&wait_for=${position}`;
    await waitFor(async () => (await this.send('GET', path)).status === 200, { describe: `the tables at ${position}` });
  }

  private async addGateway(settings: Record<string, string>): Promise<void> {
    const config = schema.parse({
      NATS_URL: testBackends().natsUrl,
      DATABASE_URL: this.databaseUrl,
      RUNCAST_SIGNING_KEY: 'ab'.repeat(32),
      RUNCAST_TAIL_CHECK_MS: '100',
      ...settings,
    });
    const { log, messaging, database } = this;
    const logger = createLogger({ service: 'spec', level: 'fatal' });
    // As a replica has one: each with keys of its own memory.
    const ring = await KeyRing.start({ databaseUrl: this.databaseUrl });
    this.rings.push(ring);
    const metrics = new Metrics();
    this.metrics.push(metrics);
    const gateway = await createGateway({
      config,
      log,
      messaging,
      database,
      logger,
      metrics,
      readiness: new Readiness(),
      lookupKey: (key) => KEYS[key] ?? lookupIn(ring, this.tokens)(key),
      onRevoked: (listener) => ring.onRevoked(listener),
      redactorOf: () => STANDARD,
    });
    this.gateways.push(gateway);
    this.urls.push(await gateway.app.listen({ host: '127.0.0.1', port: 0 }));
  }
}

async function project(log: EventLog, database: Database): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const claim = await claimProjection(database, { shard: 0, holder: 'spec', leaseMs: 600_000 });
  if (claim.outcome !== 'claimed') throw new Error('the projection is not free');
  const projecting = (async () => {
    for await (const batch of log.tail(0, { after: 0, maxEntries: 500, signal: stop.signal })) {
      await claim.projection.commit(batch);
    }
  })();
  return async () => {
    stop.abort();
    await projecting;
  };
}

/** One SSE event as a client is given it. */
export interface SseBlock {
  readonly event?: string;
  readonly id?: string;
  readonly data: string;
}

/** Every event of a response that ends. Blocks without data only move a client's position. */
export async function readBlocks(response: Response): Promise<SseBlock[]> {
  const blocks = (await response.text()).split('\n\n');
  return blocks.flatMap((block) => {
    const lines = block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line));
    const values = (field: string) => lines.flatMap((line) => (line?.[1] === field ? [line[2]!] : []));
    const [event, id] = [values('event')[0], values('id')[0]];
    const data = values('data');
    if (data.length === 0) return [];
    return [{ data: data.join('\n'), ...(event !== undefined && { event }), ...(id !== undefined && { id }) }];
  });
}
