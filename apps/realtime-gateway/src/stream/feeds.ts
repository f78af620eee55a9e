import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EventLog } from '@runcast/event-log';
import type { ErasedRunWatch } from '@runcast/read-models';
import { Problem, type Logger, type LookupKey, type Principal } from '@runcast/service-host';
import type { FastifyReply } from 'fastify';
import type { WebSocket } from 'ws';
import type { CredentialEnd, CredentialWatch, LiveCredentials } from '../access/live-credentials.ts';
import { readRefresh, Refreshing } from '../access/refresh.ts';
import { requireViewable, type NamesOfRun } from '../access/viewing.ts';
import type { HistoryOf } from '../feeds/history.ts';
import { Stop, type StopSignal } from '../feeds/stop.ts';
import { TopicHub, type FeedKey } from '../feeds/topic-hub.ts';
import type { CloseReason } from './close-codes.ts';
import { FeedMetrics, type StreamTransport } from './feed-metrics.ts';
import { ClientGoneError, ClientStalledError } from './errors.ts';
import { Heartbeats } from './heartbeats.ts';
import { onceAtATime } from './once-at-a-time.ts';
import { OpenStreams } from './open-streams.ts';
import {
  openFeed,
  serveFeed,
  type FeedClient,
  type FeedRequest,
  type EndingInTables,
  type OpenFeed,
} from './serve-feed.ts';
import { SocketClient } from './socket-client.ts';
import { SseClient, type SseTimes } from './sse-client.ts';

export interface FeedsOptions {
  readonly log: EventLog;
  readonly shards: number;
  readonly times: { readonly heartbeatMs: number; readonly stallMs: number; readonly retryMs: number };
  readonly tailCheckMs: number;
  readonly endingInTables: EndingInTables;
  readonly namesOfRun: NamesOfRun;
  readonly credentials: LiveCredentials;
  readonly lookupKey: LookupKey;
  readonly historyOf: (shard: number) => HistoryOf;
  /** Without it nothing counts as erased. */
  readonly erasedRuns?: Pick<ErasedRunWatch, 'has' | 'onErased'> | undefined;
  readonly logger: Logger;
  readonly metrics: FeedMetrics;
}

/** How the serving of a feed ended. */
export type Outcome = 'ended' | 'erased' | 'stopped' | 'gone' | 'stalled' | 'fault';

/** Every feed that this process serves, over both transports. */
export class Feeds {
  readonly streams = new OpenStreams();
  readonly times: SseTimes;
  private readonly hubs: readonly TopicHub[];
  private readonly endingInTables: EndingInTables;

  constructor(private readonly options: FeedsOptions) {
    const { heartbeatMs, ...times } = options.times;
    this.times = { ...times, heartbeats: new Heartbeats(heartbeatMs) };
    this.endingInTables = onceAtATime(options.endingInTables);
    const onFault = (error: unknown): void => {
      options.metrics.readFault();
      options.logger.warn({ err: error }, 'the log could not be read, trying again');
    };
    const told = { onFault, onGap: (foundBy: 'live' | 'tail-check') => options.metrics.gap(foundBy) };
    this.hubs = Array.from(
      { length: options.shards },
      (_, shard) => new TopicHub(options.log.shard(shard), options.historyOf(shard), told, options.tailCheckMs),
    );
    options.erasedRuns?.onErased(() =>
      this.hubs.forEach((hub) => hub.erase((...run) => options.erasedRuns!.has(...run))),
    );
    options.metrics.watch(
      (transport) => this.streams.count(transport),
      (kind) => this.hubs.reduce((sum, hub) => sum + hub.count(kind), 0),
    );
  }

  get metrics(): FeedMetrics {
    return this.options.metrics;
  }

  get credentials(): LiveCredentials {
    return this.options.credentials;
  }

  refreshing(viewer: Principal, watch: CredentialWatch): Refreshing {
    return new Refreshing(viewer, watch, this.options.lookupKey);
  }

  /** @throws {Problem} `forbidden` */
  requireViewable(viewer: Principal, key: FeedKey): Promise<void> {
    return requireViewable(viewer, key, this.options.namesOfRun);
  }

  /**
   * Opens a feed. Whoever opens one serves it, or releases its lease.
   *
   * @throws {Problem} `forbidden` when the viewer may not watch it
   */
  async open(request: FeedRequest): Promise<OpenFeed> {
    await this.requireViewable(request.viewer, request.key);
    const { key } = request;
    if (key.kind === 'run' && this.options.erasedRuns?.has(key.tenant, key.run)) {
      throw new Problem('erased', { detail: 'The run was erased.' });
    }
    const shard = this.options.log.shardFor(key.tenant);
    return openFeed(this.hubs[shard.number]!, shard, request, this.endingInTables);
  }

  /**
   * Serves an open feed as an SSE response. `first` is written before any event. Resolves when the response has ended.
   * `signal` ends it from outside, e.g. after a time limit.
   */
  async serveSse(
    feed: OpenFeed,
    request: FeedRequest,
    reply: FastifyReply,
    extras: { first?: string; signal?: AbortSignal } = {},
  ): Promise<void> {
    // To HEAD a stream has nothing to write, so it would never begin: its client would wait, and we for it.
    if (reply.request.method === 'HEAD') {
      feed.lease.release();
      return void reply.type('text/event-stream; charset=utf-8').send();
    }
    reply.hijack();
    forgetHead(reply.request.raw);
    const client = new SseClient(reply.raw, this.times);
    const stop = new Stop();
    let leaveRetryMs: number | undefined;
    const remove = this.streams.add('sse', (retryMs) => {
      leaveRetryMs = retryMs;
      stop.abort();
    });
    // The response just ends: whoever comes back for more is told why by the 401.
    let credentialEnd: CredentialEnd | undefined;
    const credential = this.credentials.watch(request.viewer, (why) => {
      credentialEnd = why;
      stop.abort();
    });
    reply.raw.on('close', () => stop.abort());
    // It may have left while the feed was opened.
    if (reply.raw.destroyed) stop.abort();
    extras.signal?.addEventListener('abort', () => stop.abort());
    if (extras.signal?.aborted) stop.abort();
    await client.write(extras.first ?? '').catch(() => stop.abort());
    // Not awaited: a function that waits takes more memory than what it waits for, in every idle client.
    return this.serve(feed, request, client, 'sse', stop).then((outcome) => {
      remove();
      credential.stop();
      this.metrics.closed(
        'sse',
        credentialEnd ?? (leaveRetryMs === undefined ? (CLOSE_AFTER[outcome] ?? 'client') : 'restart'),
      );
      if (outcome === 'stalled' || outcome === 'fault') reply.raw.destroy();
      else client.end(leaveRetryMs);
    });
  }

  /** Serves an open feed over a WebSocket until one side closes it. */
  serveSocket(feed: OpenFeed, request: FeedRequest, socket: WebSocket, connection: Duplex): Promise<void> {
    const client = new SocketClient(socket, connection, this.times);
    const stop = new Stop();
    const remove = this.streams.add('websocket', () => {
      client.close('restart');
      stop.abort();
    });
    const credential = this.credentials.watch(request.viewer, (why) => {
      client.close(why);
      stop.abort();
    });
    const refreshing = this.refreshing(request.viewer, credential);
    socket.on('message', (data: Buffer, isBinary) => {
      const token = isBinary ? undefined : readRefresh(data.toString('utf8'));
      if (token !== undefined) void refreshing.take(token).then((answer) => client.say(answer));
    });
    socket.on('close', () => {
      this.metrics.closed('websocket', client.closedAs);
      stop.abort();
    });
    return this.serve(feed, request, client, 'websocket', stop).then((outcome) => {
      remove();
      credential.stop();
      const why = CLOSE_AFTER[outcome];
      if (why !== undefined) client.close(why);
    });
  }

  close(): void {
    this.times.heartbeats.stop();
    for (const hub of this.hubs) hub.close();
  }

  /** Serves an open feed to any client, and begins anew when the stream behind the feed is replaced by another. */
  async serve(
    open: OpenFeed,
    request: FeedRequest,
    client: FeedClient,
    transport: StreamTransport,
    signal: StopSignal,
  ): Promise<Outcome> {
    let feed = open;
    for (;;) {
      const served = this.metrics.serving(transport, request.dialect, feed.start);
      try {
        const outcome = await serveFeed(feed, request, client, signal, this.endingInTables, served);
        if (outcome === 'erased') await client.control({ control: 'erased' });
        if (outcome !== 'replaced') return outcome;
        await client.control({ control: 'reset', reason: 'log-replaced' });
      } catch (error) {
        return this.outcomeOf(error, request.key);
      } finally {
        served.close();
        feed.lease.release();
      }
      try {
        feed = await this.open({ ...request, token: undefined });
      } catch (error) {
        return this.outcomeOf(error, request.key);
      }
    }
  }

  private outcomeOf(error: unknown, key: FeedKey): Outcome {
    if (error instanceof ClientGoneError) return 'gone';
    if (error instanceof ClientStalledError) {
      this.options.logger.info({ feed: key, err: error.message }, 'closed a client that did not read');
      return 'stalled';
    }
    this.options.logger.error({ feed: key, err: error }, 'a feed failed');
    return 'fault';
  }
}

/** A stream keeps its request in memory for as long as it lives, and nobody asks for these again. */
function forgetHead(request: IncomingMessage): void {
  request.headers = {};
  request.rawHeaders = [];
}

const CLOSE_AFTER: Record<Outcome, CloseReason | undefined> = {
  ended: 'ended',
  erased: 'erased',
  stalled: 'slow-reader',
  fault: 'fault',
  // Already closed, or being closed by whoever stopped it.
  stopped: undefined,
  gone: undefined,
};
