import { DIALECT_NAMES, type DialectName } from '@runcast/run-events';
import { isTracing, type ClosedCounter, type Metrics } from '@runcast/service-host';
import type { FeedBatch } from '../feeds/follow.ts';
import { CLOSE_CODES, type CloseReason } from './close-codes.ts';
import { DeliveryDelays } from './delivery-delays.ts';
import type { StartingPoint } from './starting-point.ts';
import { traceDelivery } from './trace-delivery.ts';

export const STREAM_TRANSPORTS = ['sse', 'websocket'] as const;
export type StreamTransport = (typeof STREAM_TRANSPORTS)[number];

/** The reasons of docs/close-codes.md, and `client`: it went away by itself, or its connection was lost. */
const CLOSE_REASONS = [...(Object.keys(CLOSE_CODES) as CloseReason[]), 'client'] as const;
const STARTS = ['beginning', 'resumed', 'reset'] as const;
const STATES = ['replaying', 'live'] as const;
const REPLAYS = ['opened', 'fell-behind'] as const;
const FINDERS = ['live', 'tail-check'] as const;
const COMMANDS = ['accepted', 'no-agent', 'busy', 'unknown'] as const;
/** A frame is written within a millisecond where nothing is wrong; what takes longer than a minute is an outage. */
const DELAY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type OfTransport = { transport: typeof STREAM_TRANSPORTS };

/** How feeds are served. */
export class FeedMetrics {
  private readonly closes: ClosedCounter<OfTransport & { reason: typeof CLOSE_REASONS }>;
  private readonly opened: ClosedCounter<OfTransport & { dialect: typeof DIALECT_NAMES; start: typeof STARTS }>;
  private readonly counts: Readonly<Record<StreamTransport, ReadonlyMap<DialectName, FeedCounts>>>;
  private readonly replays: ClosedCounter<{ why: typeof REPLAYS }>;
  private readonly gaps: ClosedCounter<{ found_by: typeof FINDERS }>;
  private readonly faults: ClosedCounter<Record<never, never>>;
  private readonly commands: ClosedCounter<{ outcome: typeof COMMANDS }>;
  private readonly states = { sse: { replaying: 0, live: 0 }, websocket: { replaying: 0, live: 0 } };

  constructor(private readonly metrics: Metrics) {
    const transport = STREAM_TRANSPORTS;
    this.closes = metrics.counter({
      name: 'runcast_stream_closes_total',
      help: 'Live connections that ended, by reason (docs/close-codes.md)',
      labels: { transport, reason: CLOSE_REASONS },
    });
    this.opened = metrics.counter({
      name: 'runcast_feeds_opened_total',
      help: 'Feeds that began to be served, by where they began',
      labels: { transport, dialect: DIALECT_NAMES, start: STARTS },
    });
    const delay = metrics.histogram(
      {
        name: 'runcast_delivery_delay_seconds',
        help: "From the log's time stamp of an event to its frame being written to the last of the clients that follow live and are written the same; the oldest of each write",
        labels: { transport },
      },
      DELAY_SECONDS,
    );
    this.replays = metrics.counter({
      name: 'runcast_replays_total',
      help: 'Times that a feed was read from the log: when it was opened, or because its client fell behind',
      labels: { why: REPLAYS },
    });
    this.gaps = metrics.counter({
      name: 'runcast_gaps_repaired_total',
      help: 'Times that live messages were lost or late and the events were fetched from the log',
      labels: { found_by: FINDERS },
    });
    this.faults = metrics.counter({
      name: 'runcast_log_read_faults_total',
      help: 'Reads of the log for feeds that failed and were tried again',
      labels: {},
    });
    this.commands = metrics.counter({
      name: 'runcast_commands_total',
      help: 'Requests to run an agent, by what became of them',
      labels: { outcome: COMMANDS },
    });
    const countsOf = (of: StreamTransport): ReadonlyMap<DialectName, FeedCounts> => {
      const delays = new DeliveryDelays((seconds) => delay.observe({ transport: of }, seconds));
      const replayed = (why: (typeof REPLAYS)[number]): void => this.replays.add({ why });
      return new Map(DIALECT_NAMES.map((dialect) => [dialect, new FeedCounts(of, dialect, replayed, delays)]));
    };
    this.counts = { sse: countsOf('sse'), websocket: countsOf('websocket') };
    // Added up where it happens and told when somebody asks: a counter with labels is dearer than the write it counts.
    metrics.total(
      {
        name: 'runcast_delivered_events_total',
        help: 'Events handed to clients; one event to ten clients counts ten times',
        labels: { transport, dialect: DIALECT_NAMES },
      },
      (report) =>
        transport.forEach((of) =>
          this.counts[of].forEach(({ events }, dialect) => report({ transport: of, dialect }, events)),
        ),
    );
    metrics.gauge(
      {
        name: 'runcast_served_feeds',
        help: 'Feeds being served; one connection may carry several',
        labels: { transport, state: STATES },
      },
      (report) =>
        transport.forEach((of) => STATES.forEach((state) => report({ transport: of, state }, this.states[of][state]))),
    );
  }

  /** What is open right now, asked when somebody looks. */
  watch(streams: (transport: StreamTransport) => number, topics: (kind: 'run' | 'session') => number): void {
    this.metrics.gauge(
      {
        name: 'runcast_open_streams',
        help: 'Live connections of clients',
        labels: { transport: STREAM_TRANSPORTS },
      },
      (report) => STREAM_TRANSPORTS.forEach((transport) => report({ transport }, streams(transport))),
    );
    const kinds = ['run', 'session'] as const;
    this.metrics.gauge(
      {
        name: 'runcast_watched_topics',
        help: 'Runs and sessions that somebody watches here, or did a few seconds ago',
        labels: { kind: kinds },
      },
      (report) => kinds.forEach((kind) => report({ kind }, topics(kind))),
    );
  }

  closed(transport: StreamTransport, reason: (typeof CLOSE_REASONS)[number]): void {
    this.closes.add({ transport, reason });
  }

  gap(foundBy: (typeof FINDERS)[number]): void {
    this.gaps.add({ found_by: foundBy });
  }

  readFault(): void {
    this.faults.add({});
  }

  commanded(outcome: (typeof COMMANDS)[number]): void {
    this.commands.add({ outcome });
  }

  /** One feed that begins to be served. */
  serving(transport: StreamTransport, dialect: DialectName, { after, reset }: StartingPoint): ServedFeed {
    const start = reset !== undefined ? 'reset' : after > 0 ? 'resumed' : 'beginning';
    this.opened.add({ transport, dialect, start });
    const states = this.states[transport];
    states.replaying += 1;
    return new ServedFeed(states, this.counts[transport].get(dialect)!);
  }
}

type Write = () => Promise<void> | undefined;

/** What all feeds of one transport and format have been sent. */
class FeedCounts {
  /** Delivered. */
  events = 0;

  constructor(
    readonly transport: StreamTransport,
    readonly dialect: DialectName,
    readonly replayed: (why: (typeof REPLAYS)[number]) => void,
    private readonly delays: DeliveryDelays,
  ) {}

  delivered(events: number): void {
    this.events += events;
  }

  /** Something live has been written. */
  delayed(events: FeedBatch['events']): void {
    this.delays.written(events);
  }

  /** Writes live events inside spans, where they are traced. */
  trace(events: FeedBatch['events'], write: Write): Promise<void> | undefined {
    return isTracing() ? traceDelivery(events, this, write) : write();
  }
}

/** Follows one feed through its states: it replays until its client holds everything, then it is live. */
export class ServedFeed {
  private state: 'replaying' | 'live' = 'replaying';
  private begun = false;

  constructor(
    private readonly states: Record<'replaying' | 'live', number>,
    private readonly counts: Pick<FeedCounts, 'replayed' | 'delivered' | 'delayed' | 'trace'>,
  ) {}

  /** Counts a batch once `write` has written it. */
  send({ events, caughtUp }: FeedBatch, write: Write): Promise<void> | undefined {
    const wasLive = this.state === 'live';
    if (!this.begun && events.length > 0) this.counts.replayed('opened');
    if (wasLive && !caughtUp) this.counts.replayed('fell-behind');
    this.begun = true;
    this.become(wasLive && caughtUp ? 'live' : 'replaying');
    const room = wasLive ? this.counts.trace(events, write) : write();
    // Nearly always the client has room: then nothing is waited for, not even a turn.
    if (room === undefined) return this.written(events, wasLive, caughtUp);
    return room.then(() => this.written(events, wasLive, caughtUp));
  }

  private written(events: FeedBatch['events'], wasLive: boolean, caughtUp: boolean): undefined {
    this.counts.delivered(events.length);
    // What was stored long before somebody asked for it says nothing about how fast we are.
    if (wasLive && events.length > 0) this.counts.delayed(events);
    if (caughtUp) this.become('live');
    return undefined;
  }

  close(): void {
    this.states[this.state] -= 1;
  }

  private become(state: 'replaying' | 'live'): void {
    if (state === this.state) return;
    this.states[this.state] -= 1;
    this.states[state] += 1;
    this.state = state;
  }
}
