import { AgentCommands, ReplayMarks, WorkflowQueue, type Messaging } from '@runcast/agent-commands';
import type { EventLog } from '@runcast/event-log';
import { ApiKeys, getRun, leaseBudget, type Database, type ErasedRunWatch } from '@runcast/read-models';
import {
  allowedOrigins,
  AnswerMetrics,
  createHttpApp,
  LeasedBuckets,
  openMaxima,
  OpenLimits,
  Metrics,
  type HttpApp,
  type LookupKey,
  type Logger,
  type LeaseTokens,
  type Readiness,
  type RedactorOf,
} from '@runcast/service-host';
import { LiveCredentials } from './access/live-credentials.ts';
import { TicketOffice } from './access/ticket-office.ts';
import type { Config } from './config.ts';
import { RunChanges } from './changes/run-changes.ts';
import { historyInTables } from './feeds/history.ts';
import { explainError } from './problems.ts';
import { RealtimeModule } from './realtime.module.ts';
import { PageKeys } from './rest/page-keys.ts';
import { ReadYourWrites } from './rest/read-your-writes.ts';
import { Reads } from './rest/reads.ts';
import { endingInTables } from './stream/ending-in-tables.ts';
import { FeedMetrics } from './stream/feed-metrics.ts';
import { Feeds } from './stream/feeds.ts';
import type { EndingInTables } from './stream/serve-feed.ts';
import { socketRoutes } from './stream/socket-routes.ts';
import { UpgradeRouter } from './stream/upgrade-router.ts';
import { AgentRuns } from './vendors/agent-runs.ts';
import { AnswerLimit } from './vendors/answer-limit.ts';
import { workflowSocket } from './vendors/lyzr-workflow/workflow-socket.ts';
import { LostWorkers } from './vendors/lost-workers.ts';
import { Recorder } from './vendors/recorder.ts';
import { LiveSessionLimit } from './vendors/zihin/live-session.controller.ts';

export interface GatewayParts {
  readonly config: Config;
  readonly log: EventLog;
  readonly messaging: Messaging;
  readonly database: Database;
  readonly lookupKey: LookupKey;
  readonly redactorOf: RedactorOf;
  /** Tells of every key that was revoked, at least once and in time. */
  readonly onRevoked: (listener: (keyId: string) => void) => void;
  /** Without it nothing counts as erased. */
  readonly erasedRuns?: ErasedRunWatch;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly metrics?: Metrics;
}

export interface Gateway {
  readonly app: HttpApp;
  readonly feeds: Feeds;
}

/** How long a read waits for the tables to come to the position it asks for. */
const WAIT_FOR_POSITION_MS = 10_000;

/** The gateway around a log, a connection and tables that somebody else opened and closes. */
export async function createGateway(parts: GatewayParts): Promise<Gateway> {
  const {
    config,
    log,
    messaging,
    database,
    redactorOf,
    onRevoked,
    erasedRuns,
    metrics = new Metrics(),
    ...host
  } = parts;
  const feedMetrics = new FeedMetrics(metrics);
  const answers = new AnswerMetrics(metrics);
  const origins = allowedOrigins(config);
  const credentials = new LiveCredentials();
  onRevoked((keyId) => credentials.revoke(keyId));
  const askTables: EndingInTables = (tenant, run, upTo) =>
    endingInTables(database, log.shardFor(tenant), { tenant, run, upTo });
  const feeds = new Feeds({
    log,
    shards: config.RUNCAST_SHARDS,
    times: { heartbeatMs: config.RUNCAST_HEARTBEAT_MS, stallMs: config.RUNCAST_STALL_MS, retryMs: 1_000 },
    tailCheckMs: config.RUNCAST_TAIL_CHECK_MS,
    historyOf: (shard) => historyInTables(database, shard),
    endingInTables: askTables,
    namesOfRun: (tenant, run) => getRun(database, { tenant, run }),
    credentials,
    lookupKey: host.lookupKey,
    erasedRuns,
    logger: host.logger,
    metrics: feedMetrics,
  });
  const pageKeys = new PageKeys(Buffer.from(config.RUNCAST_SIGNING_KEY, 'hex'));
  const reads = new Reads(database, log, pageKeys, new ReadYourWrites(database, WAIT_FOR_POSITION_MS));
  const recorder = new Recorder(log, redactorOf);
  const queue = await WorkflowQueue.open(messaging);
  const runs = new AgentRuns({
    commands: new AgentCommands(messaging),
    queue,
    recorder,
    lostWorkers: new LostWorkers({ messaging, log, endingInTables: askTables, logger: host.logger }),
    feeds,
    database,
    redactorOf,
    metrics: feedMetrics,
  });
  const office = new TicketOffice(database);
  const module = RealtimeModule.with({
    feeds,
    office,
    keys: new ApiKeys(database),
    reads,
    changes: new RunChanges(log, reads, feeds),
    pageKeys,
    runs,
    recorder,
    answerLimit: new AnswerLimit(config.RUNCAST_ANSWER_MS),
    liveSessionLimit: new LiveSessionLimit(config.RUNCAST_LIVE_SESSION_MS),
  });
  const open = new OpenLimits(openMaxima(config));
  const lease: LeaseTokens = ({ bucket, ...request }) =>
    leaseBudget(database, { ...request, bucket: `realtime ${bucket}` });
  const app = await createHttpApp(module, {
    service: 'realtime-gateway',
    version: config.RUNCAST_VERSION,
    commit: config.RUNCAST_COMMIT,
    explain: explainError,
    open,
    newConnectionsPerSecond: config.RUNCAST_NEW_CONNECTIONS_PER_SECOND,
    rates: {
      perKey: new LeasedBuckets(config.RUNCAST_KEY_REQUESTS_PER_MINUTE, lease),
      perTenant: new LeasedBuckets(config.RUNCAST_TENANT_REQUESTS_PER_MINUTE, lease),
    },
    answers,
    redeemTicket: office.redeem,
    allowedOrigins: origins,
    api: async () => (await import('./api-docs/api.ts')).api,
    ...host,
  });
  const workflow = workflowSocket({ feeds, database, marks: await ReplayMarks.open(messaging) });
  const routes = socketRoutes(feeds, workflow);
  const sockets = new UpgradeRouter(
    routes,
    { lookupKey: host.lookupKey, redeemTicket: office.redeem, allowedOrigins: origins },
    explainError,
    () => host.readiness.draining,
    (code) => answers.refused('websocket', code),
    open,
  );
  sockets.attach(app.nest.getHttpServer());
  return { app, feeds };
}
