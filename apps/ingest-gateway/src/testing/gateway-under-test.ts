import { Messaging } from '@runcast/agent-commands';
import { EventLog } from '@runcast/event-log';
import { openDatabase, type Database } from '@runcast/read-models';
import { Redactor } from '@runcast/redaction';
import {
  AnswerMetrics,
  createLogger,
  Metrics,
  Readiness,
  type HttpApp,
  type LookupKey,
  type Principal,
  type RedactorOf,
} from '@runcast/service-host';
import type { RecordedEvent } from '@runcast/run-events';
import { createGateway, sharedRates } from '../gateway.ts';
import { IngestMetrics } from '../ingest-metrics.ts';
import { Intake } from '../intake.ts';
import { startNatsIntake } from '../nats-intake/nats-intake.ts';

/** Keys that the gateway under test knows. */
export const KEYS: Record<string, Principal> = {
  'key-acme': { tenant: 'acme', keyId: 'k-acme', scopes: ['ingest'] },
  'key-rival': { tenant: 'rival', keyId: 'k-rival', scopes: ['ingest'] },
  'key-admin': { tenant: 'acme', keyId: 'k-admin', scopes: ['ingest', 'admin'] },
  'key-limited': { tenant: 'acme', keyId: 'k-limited', scopes: ['ingest'], limits: { agents: ['a'] } },
  'key-limited-to-two': { tenant: 'acme', keyId: 'k-two', scopes: ['ingest'], limits: { sessions: ['s', 't'] } },
  'key-reader': { tenant: 'acme', keyId: 'k-reader', scopes: ['read'] },
};

export interface GatewayUnderTest {
  readonly url: string;
  readonly app: HttpApp;
  readonly metrics: Metrics;
  /** The first `count` events in the log, in its order. */
  logged(count: number): Promise<RecordedEvent[]>;
  /** What the gateway logged as an error. */
  readonly faults: readonly string[];
}

const open: (() => Promise<void>)[] = [];

/** Closes every gateway that the spec file started, also those of specs that failed. */
export async function closeGateways(): Promise<void> {
  for (const close of open.splice(0)) await close();
}

export interface Settings {
  readonly natsUrl: string;
  readonly namespace: string;
  readonly ratePerMinute?: number;
  readonly keyRatePerMinute?: number;
  readonly tenantRatePerMinute?: number;
  /** Whether it takes events over NATS as well. */
  readonly overNats?: boolean;
  /** Put in the place of the real log. */
  readonly log?: Pick<EventLog, 'append'>;
  /** The tables, where a spec needs them. */
  readonly database?: Database;
  readonly redactorOf?: RedactorOf;
  /** How it recognises credentials; KEYS unless told. */
  readonly lookupKey?: LookupKey;
}

const STANDARD = new Redactor();
const noOpenLimits = {
  RUNCAST_MAX_OPEN: 0,
  RUNCAST_MAX_OPEN_PER_TENANT: 0,
  RUNCAST_MAX_OPEN_PER_KEY: 0,
  RUNCAST_MAX_OPEN_PER_ADDRESS: 0,
  RUNCAST_NEW_CONNECTIONS_PER_SECOND: 0,
};

/** A gateway over a log of its own. */
export async function startGateway(settings: Settings): Promise<GatewayUnderTest> {
  const log = await openLog(settings);
  const faults: string[] = [];
  const metrics = new Metrics();
  const destination = { write: (line: string) => void faults.push(line) };
  const logger = createLogger({ service: 'spec', level: 'error', destination });
  const database =
    settings.database ?? openDatabase({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'spec' });
  const redactorOf = settings.redactorOf ?? (() => STANDARD);
  const config = {
    RUNCAST_KEY_REQUESTS_PER_MINUTE: settings.keyRatePerMinute ?? 0,
    RUNCAST_TENANT_REQUESTS_PER_MINUTE: settings.tenantRatePerMinute ?? 0,
  };
  const rates = sharedRates(config, database);
  const app = await createGateway({
    config: {
      ...noOpenLimits,
      RUNCAST_VERSION: 'test',
      RUNCAST_AGENT_OS_RATE_PER_MINUTE: settings.ratePerMinute ?? 0,
    },
    log: settings.log ?? log,
    database,
    rates,
    redactorOf,
    lookupKey: settings.lookupKey ?? ((key) => KEYS[key]),
    logger,
    readiness: new Readiness(),
    metrics: new IngestMetrics(metrics),
    answers: new AnswerMetrics(metrics),
  });
  open.push(async () => {
    await app.close();
    await log.close();
  });
  if (settings.overNats) {
    const messaging = await Messaging.connect({ ...natsOf(settings), clientName: 'ingest-gateway-spec intake' });
    const intake = new Intake(settings.log ?? log, redactorOf);
    const listening = startNatsIntake({ messaging, intake, perTenant: rates.perTenant, logger });
    await listening.established;
    open.push(() => listening.stop().then(() => messaging.close()));
  }
  return {
    app,
    metrics,
    faults,
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    logged: (count) => readEvents(log, count),
  };
}

function openLog(settings: Settings): Promise<EventLog> {
  const maxBytes = 256 * 1024 * 1024;
  return EventLog.connect({ ...natsOf(settings), clientName: 'ingest-gateway-spec', shards: 1, maxBytes });
}

function natsOf({ natsUrl, namespace }: Settings) {
  return { servers: natsUrl, namespace };
}

async function readEvents(log: EventLog, count: number): Promise<RecordedEvent[]> {
  const stop = new AbortController();
  const events: RecordedEvent[] = [];
  for await (const entries of log.tail(0, { after: 0, maxEntries: 500, signal: stop.signal })) {
    for (const entry of entries) if (entry.kind === 'event') events.push(entry.event);
    if (events.length >= count) stop.abort();
  }
  return events;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Whatever JSON the gateway answers; the specs say what they expect of it.
  readonly body: Record<string, unknown>;
}

export async function send(
  gateway: GatewayUnderTest,
  path: string,
  body: string | object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: 'Bearer key-acme', ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
