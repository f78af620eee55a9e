import type { ClosedCounter, Metrics } from './metrics.ts';

/** What a pool of connections to Postgres says of itself. */
export interface PoolFacts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  on(event: 'connect', listener: () => void): unknown;
}

type NoLabels = Record<never, never>;

/** Connections to Postgres. Many new ones in a short time are reconnects. */
export class PostgresMetrics {
  readonly #connects: ClosedCounter<NoLabels>;
  readonly #faults: ClosedCounter<NoLabels>;
  readonly #pools: PoolFacts[] = [];

  constructor(metrics: Metrics) {
    this.#connects = metrics.counter({
      name: 'runcast_postgres_connects_total',
      help: 'Connections to Postgres that were opened',
      labels: {},
    });
    this.#faults = metrics.counter({
      name: 'runcast_postgres_faults_total',
      help: 'Times that Postgres did not answer in the background: polls that failed, idle connections that broke',
      labels: {},
    });
    const state = ['busy', 'idle', 'waiting'] as const;
    metrics.gauge(
      {
        name: 'runcast_postgres_connections',
        help: 'Connections to Postgres by what they do; waiting: requests that wait for one',
        labels: { state },
      },
      (report) => state.forEach((of) => report({ state: of }, this.#sum(of))),
    );
  }

  watch(pool: PoolFacts): void {
    this.#pools.push(pool);
    pool.on('connect', () => this.#connects.add({}));
  }

  readonly fault = (): void => this.#faults.add({});

  #sum(state: 'busy' | 'idle' | 'waiting'): number {
    return this.#pools.reduce((sum, pool) => sum + countIn(pool, state), 0);
  }
}

function countIn({ totalCount, idleCount, waitingCount }: PoolFacts, state: 'busy' | 'idle' | 'waiting'): number {
  if (state === 'waiting') return waitingCount;
  return state === 'idle' ? idleCount : totalCount - idleCount;
}
