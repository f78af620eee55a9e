import { BATCH_SIZES, shardLabels, type ClosedCounter, type ClosedHistogram, type Metrics } from './metrics.ts';

const OUTCOMES = ['stored', 'failed'] as const;

/** One group commit: so many messages of a shard, stored together or not at all. */
export interface Commit {
  readonly shard: number;
  readonly messages: number;
  readonly ms: number;
  readonly stored: boolean;
}

/** What the connection to the log says of itself. */
export interface LogFacts {
  readonly reconnects: number;
  ready(): boolean;
  /** Messages of a shard whose fate is open. */
  waiting(shard: number): number;
}

/** How the log takes what it is given. */
export class LogMetrics {
  readonly #seconds: ClosedHistogram<{ shard: string[]; outcome: typeof OUTCOMES }>;
  readonly #messages: ClosedHistogram<{ shard: string[] }>;
  readonly #acks: ClosedCounter<{ shard: string[]; outcome: typeof OUTCOMES }>;
  readonly #shards: string[];
  private readonly metrics: Metrics;

  constructor(metrics: Metrics, shards: number) {
    this.metrics = metrics;
    const shard = (this.#shards = shardLabels(shards));
    this.#seconds = metrics.histogram({
      name: 'runcast_log_commit_seconds',
      help: 'How long a group commit took, retries included',
      labels: { shard, outcome: OUTCOMES },
    });
    this.#messages = metrics.histogram(
      { name: 'runcast_log_commit_messages', help: 'Messages that shared one group commit', labels: { shard } },
      BATCH_SIZES,
    );
    this.#acks = metrics.counter({
      name: 'runcast_log_messages_total',
      help: 'Messages given to the log: acknowledged as stored, or failed, which leaves it unknown',
      labels: { shard, outcome: OUTCOMES },
    });
  }

  readonly onCommit = ({ shard, messages, ms, stored }: Commit): void => {
    const at = { shard: this.#shards[shard]! };
    const outcome = stored ? 'stored' : 'failed';
    this.#seconds.observe({ ...at, outcome }, ms / 1_000);
    this.#messages.observe(at, messages);
    this.#acks.add({ ...at, outcome }, messages);
  };

  watch(log: LogFacts): void {
    const shard = this.#shards;
    this.metrics.gauge(
      { name: 'runcast_log_connected', help: '1 while the connection to NATS stands', labels: {} },
      (report) => report({}, log.ready() ? 1 : 0),
    );
    this.metrics.total(
      { name: 'runcast_log_reconnects_total', help: 'Times that the connection to NATS came back', labels: {} },
      (report) => report({}, log.reconnects),
    );
    this.metrics.gauge(
      { name: 'runcast_log_waiting_messages', help: 'Messages that wait for their ack', labels: { shard } },
      (report) => shard.forEach((label, index) => report({ shard: label }, log.waiting(index))),
    );
  }
}
