import type { LogEntry } from '@runcast/read-models';
import {
  BATCH_SIZES,
  shardLabels,
  type ClosedCounter,
  type ClosedHistogram,
  type Metrics,
} from '@runcast/service-host';
import { SHARD_STATES, type ShardStatus } from './shard-status.ts';
import type { SweepOutcome } from './sweep-runs.ts';

const KINDS = ['event', 'link', 'unreadable'] as const satisfies LogEntry['kind'][];
const SWEEPS = ['swept', 'lagging', 'no-clock', 'failed'] as const satisfies (SweepOutcome['outcome'] | 'failed')[];
/** `outage`: Postgres or NATS did not answer; `refused`: the stream is another; `fenced-out`: another has taken over. */
const INTERRUPTIONS = ['outage', 'refused', 'fenced-out'] as const;

type Shard = { shard: string[] };

/** How the tables follow the log. */
export class ProjectorMetrics {
  private readonly shards: string[];
  private readonly seconds: ClosedHistogram<Shard>;
  private readonly sizes: ClosedHistogram<Shard>;
  private readonly entries: ClosedCounter<Shard & { kind: typeof KINDS }>;
  private readonly interruptions: ClosedCounter<Shard & { reason: typeof INTERRUPTIONS }>;
  private readonly sweeps: ClosedCounter<Shard & { outcome: typeof SWEEPS }>;
  private readonly givenUp: ClosedCounter<Shard>;

  constructor(
    private readonly metrics: Metrics,
    shards: number,
  ) {
    const shard = (this.shards = shardLabels(shards));
    this.seconds = metrics.histogram({
      name: 'runcast_projection_batch_seconds',
      help: 'How long it took to bring the tables forward by one batch of the log',
      labels: { shard },
    });
    this.sizes = metrics.histogram(
      { name: 'runcast_projection_batch_entries', help: 'Records of the log in one batch', labels: { shard } },
      BATCH_SIZES,
    );
    this.entries = metrics.counter({
      name: 'runcast_projection_entries_total',
      help: 'Records of the log that were brought into the tables; unreadable ones are dead letters',
      labels: { shard, kind: KINDS },
    });
    this.interruptions = metrics.counter({
      name: 'runcast_projection_interruptions_total',
      help: 'Times that projecting stopped and began anew, by reason',
      labels: { shard, reason: INTERRUPTIONS },
    });
    this.sweeps = metrics.counter({
      name: 'runcast_sweeps_total',
      help: 'Looks for silent runs, by what came of them',
      labels: { shard, outcome: SWEEPS },
    });
    this.givenUp = metrics.counter({
      name: 'runcast_runs_given_up_total',
      help: 'Runs that were silent for too long',
      labels: { shard },
    });
  }

  committed(shard: number, batch: readonly LogEntry[], ms: number): void {
    const at = { shard: this.shards[shard]! };
    this.seconds.observe(at, ms / 1_000);
    this.sizes.observe(at, batch.length);
    const kinds = new Map<LogEntry['kind'], number>();
    for (const { kind } of batch) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const [kind, count] of kinds) this.entries.add({ ...at, kind }, count);
  }

  interrupted(shard: number, reason: (typeof INTERRUPTIONS)[number]): void {
    this.interruptions.add({ shard: this.shards[shard]!, reason });
  }

  swept(shard: number, outcome: (typeof SWEEPS)[number], givenUp = 0): void {
    const at = { shard: this.shards[shard]! };
    this.sweeps.add({ ...at, outcome });
    this.givenUp.add(at, givenUp);
  }

  /** What the shards' loops say of themselves, one status a shard. */
  watch(statuses: readonly ShardStatus[]): void {
    const shard = this.shards;
    const each = (report: (at: { shard: string }, status: ShardStatus) => void): void =>
      statuses.forEach((status, index) => report({ shard: shard[index]! }, status));
    this.metrics.gauge(
      {
        name: 'runcast_projection_lag_events',
        help: 'Records of the log that are not in the tables yet, as this process last saw it',
        labels: { shard },
      },
      (report) => each((at, status) => report(at, status.lag().events)),
    );
    this.metrics.gauge(
      {
        name: 'runcast_projection_lag_seconds',
        help: 'How far the tables are behind the log; seen by those who stand by, too',
        labels: { shard },
      },
      (report) => each((at, status) => report(at, status.lag().seconds)),
    );
    this.metrics.gauge(
      { name: 'runcast_projection_sequence', help: 'The newest sequence in the tables', labels: { shard } },
      (report) => each((at, status) => report(at, status.sequence)),
    );
    this.metrics.gauge(
      {
        name: 'runcast_projection_state',
        help: '1 for the state the shard is in here, 0 for the others',
        labels: { shard, state: SHARD_STATES },
      },
      (report) =>
        each((at, status) => SHARD_STATES.forEach((state) => report({ ...at, state }, state === status.state ? 1 : 0))),
    );
    this.metrics.gauge(
      { name: 'runcast_projection_lease_held', help: '1 while this process writes the shard', labels: { shard } },
      (report) => each((at, status) => report(at, status.state === 'projecting' ? 1 : 0)),
    );
    this.metrics.gauge(
      {
        name: 'runcast_dead_letters',
        help: 'Records of the shard that the tables could not take; told by who writes the shard',
        labels: { shard },
      },
      (report) =>
        each((at, { state, deadLetters }) => {
          if (state === 'projecting' && deadLetters !== undefined) report(at, deadLetters);
        }),
    );
  }
}
