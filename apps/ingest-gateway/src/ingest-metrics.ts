import { DIALECT_NAMES, type DialectName } from '@runcast/run-events';
import type { ClosedCounter, ClosedHistogram, Metrics } from '@runcast/service-host';
import type { EventResult } from './event-result.ts';

/** The ways by which events come in. */
export const INTAKES = ['http', 'nats'] as const;
export type IntakeName = (typeof INTAKES)[number];

const RESULTS = [
  'stored',
  'duplicate',
  'conflict',
  'erased',
  'invalid',
  'too_large',
] as const satisfies EventResult['status'][];
/** `refused`: none of it could be taken; `failed`: the log did not answer, or too much was waiting for it. */
const OUTCOMES = ['taken', 'refused', 'failed'] as const;

/** How events come in: how many, how fast, and what became of them. */
export class IngestMetrics {
  private readonly events: ClosedCounter<{
    intake: typeof INTAKES;
    dialect: typeof DIALECT_NAMES;
    result: typeof RESULTS;
  }>;
  private readonly seconds: ClosedHistogram<{
    intake: typeof INTAKES;
    dialect: typeof DIALECT_NAMES;
    outcome: typeof OUTCOMES;
  }>;
  private underWay: Record<IntakeName, number> = { http: 0, nats: 0 };

  constructor(metrics: Metrics) {
    this.events = metrics.counter({
      name: 'runcast_ingest_events_total',
      help: 'Events that were sent to us, by what became of each',
      labels: { intake: INTAKES, dialect: DIALECT_NAMES, result: RESULTS },
    });
    this.seconds = metrics.histogram({
      name: 'runcast_ingest_seconds',
      help: 'From the whole body of a request to what became of its events; a batch counts once',
      labels: { intake: INTAKES, dialect: DIALECT_NAMES, outcome: OUTCOMES },
    });
    metrics.gauge(
      { name: 'runcast_ingest_in_flight', help: 'Requests with events under way', labels: { intake: INTAKES } },
      (report) => INTAKES.forEach((intake) => report({ intake }, this.underWay[intake])),
    );
  }

  /** Counts a request from now on. Call the answer once, with what became of its events where that is known. */
  begin({ intake, dialect }: { readonly intake: IntakeName; readonly dialect: DialectName }): Ended {
    const begun = performance.now();
    this.underWay[intake] += 1;
    return (results) => {
      this.underWay[intake] -= 1;
      forEachStatus(results ?? [], (result, count) => this.events.add({ intake, dialect, result }, count));
      this.seconds.observe({ intake, dialect, outcome: outcomeOf(results) }, (performance.now() - begun) / 1_000);
    };
  }
}

type Ended = (results?: readonly EventResult[]) => void;

function outcomeOf(results?: readonly EventResult[]): (typeof OUTCOMES)[number] {
  if (results === undefined) return 'failed';
  return results.some(({ status }) => status === 'stored' || status === 'duplicate') ? 'taken' : 'refused';
}

/** A batch of 500 costs as many increments as its results change, mostly one. */
function forEachStatus(
  results: readonly EventResult[],
  visit: (status: EventResult['status'], count: number) => void,
): void {
  for (let from = 0, to = 0; from < results.length; from = to) {
    const { status } = results[from]!;
    while (results[to]?.status === status) to += 1;
    visit(status, to - from);
  }
}
