import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What every label may say: a list that is known when the metric is made. */
export type LabelValues = Readonly<Record<string, readonly string[]>>;

/** One value for each label. */
export type Labels<L extends LabelValues> = { readonly [Name in keyof L]: L[Name][number] };

/** Grows. All its series exist from the start with 0, so that the first increment shows in a `rate()`. */
export interface ClosedCounter<L extends LabelValues> {
  add(labels: Labels<L>, amount?: number): void;
}

/** Seconds, bytes or numbers of things, in buckets. */
export interface ClosedHistogram<L extends LabelValues> {
  observe(labels: Labels<L>, value: number): void;
}

interface Described<L extends LabelValues> {
  readonly name: `runcast_${string}`;
  readonly help: string;
  readonly labels: L;
}

/** From a fsync on a good disk to the deadline of an append. */
export const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
/** Numbers of records that go together. */
export const BATCH_SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/**
 * The metrics of one process. A label takes its values from a list that is fixed when the metric is made: an id, an address or
 * any other text that a client chooses would make as many series as it likes, and take Prometheus down with it.
 */
export class Metrics {
  readonly registry = new Registry();

  counter<const L extends LabelValues>(described: Described<L>): ClosedCounter<L> {
    const counts = new SeriesCounts(described.labels);
    this.total(described, (report) => counts.forEach(report));
    return { add: (at, amount = 1) => counts.add(at, amount) };
  }

  histogram<const L extends LabelValues>(
    { name, help, labels }: Described<L>,
    buckets = LATENCY_SECONDS,
  ): ClosedHistogram<L> {
    const labelNames = Object.keys(labels);
    const histogram = new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
    return { observe: (at, value) => histogram.observe(closed(labels, at), value) };
  }

  /** Read when somebody asks for it, and so free until then. `read` reports one number for each series that there is. */
  gauge<const L extends LabelValues>(
    { name, help, labels }: Described<L>,
    read: (report: (labels: Labels<L>, value: number) => void) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: Object.keys(labels),
      registers: [this.registry],
      collect() {
        this.reset();
        read((at, value) => this.set(closed(labels, at), value));
      },
    });
  }

  /** A total that somebody else counts. */
  total<const L extends LabelValues>(
    { name, help, labels }: Described<L>,
    read: (report: (labels: Labels<L>, value: number) => void) => void,
  ): void {
    new Counter({
      name,
      help,
      labelNames: Object.keys(labels),
      registers: [this.registry],
      collect() {
        this.reset();
        read((at, value) => this.inc(closed(labels, at), value));
      },
    });
  }

  /** Processor time, memory, garbage collection and the delay of the event loop. Samples from now on. */
  addProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }
}

/**
 * Numbers by labels, handed over when somebody asks: the registry checks, sorts and joins the labels of every single increment,
 * several for each request.
 */
class SeriesCounts<L extends LabelValues> {
  private readonly values: L;
  private readonly names: readonly string[];
  private readonly series = new Map<string, { readonly labels: Labels<L>; count: number }>();

  constructor(values: L) {
    this.values = values;
    this.names = Object.keys(values);
    for (const labels of combinations(values) as Labels<L>[]) this.series.set(this.keyOf(labels), { labels, count: 0 });
  }

  add(at: Labels<L>, amount: number): void {
    const known = this.series.get(this.keyOf(at));
    if (known !== undefined) known.count += amount;
    else this.addOther(closed(this.values, at) as Labels<L>, amount);
  }

  forEach(report: (labels: Labels<L>, count: number) => void): void {
    for (const { labels, count } of this.series.values()) report(labels, count);
  }

  /** At most as many more as there are lists. */
  private addOther(labels: Labels<L>, amount: number): void {
    const key = this.keyOf(labels);
    this.series.set(key, { labels, count: (this.series.get(key)?.count ?? 0) + amount });
  }

  private keyOf(labels: Labels<L>): string {
    let key = '';
    for (const name of this.names) key += `${labels[name]}\n`;
    return key;
  }
}

/** What a value that is on no list becomes, should the types have been talked out of it. */
const OTHER = 'other';

function closed(labels: LabelValues, at: Readonly<Record<string, string>>): Record<string, string> {
  const series: Record<string, string> = {};
  for (const name in labels) series[name] = labels[name]!.includes(at[name]!) ? at[name]! : OTHER;
  return series;
}

function combinations(labels: LabelValues): Record<string, string>[] {
  return Object.entries(labels).reduce<Record<string, string>[]>(
    (series, [name, values]) => series.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

/** The shards as label values. */
export function shardLabels(shards: number): string[] {
  return Array.from({ length: shards }, (_, shard) => String(shard));
}
