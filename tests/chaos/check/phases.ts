import type { Row } from '../results.ts';

/** What was seen while one thing happened, and at its end. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** Events that were acknowledged meanwhile, by shard. */
  readonly acked: readonly number[];
  /** Records of the log that were not in the tables at its end, by shard. */
  readonly lag: readonly number[];
  /** Connections of watchers at its end, by realtime gateway. */
  readonly streams: readonly number[];
  /** The projector that wrote each shard at its end. */
  readonly holders: readonly string[];
  /** The NATS node that led each shard at its end. */
  readonly leaders: readonly string[];
}

/** The phases as a table, and what of them shows that not every part did its share. */
export function judgePhases(phases: readonly Phase[]): { table: Row[]; failures: string[] } {
  return { table: [headerOf(phases[0]), ...phases.map(rowOf)], failures: phases.flatMap(failuresOf) };
}

function headerOf(first: Phase | undefined): Row {
  const shards = first?.acked.map((_, shard) => shard) ?? [];
  return [
    'phase',
    'seconds',
    ...shards.map((shard) => `acked/s ${shard}`),
    ...shards.map((shard) => `lag ${shard}`),
    'streams',
    'projectors',
    'leaders',
  ];
}

function rowOf({ name, seconds, acked, lag, streams, holders, leaders }: Phase): Row {
  const rates = acked.map((count) => Math.round(count / seconds));
  return [name, seconds.toFixed(1), ...rates, ...lag, streams.join(' '), holders.join(' '), leaders.join(' ')];
}

/** A shard that stood still or a part that did nothing would make a demonstration of many out of one of few. */
function failuresOf({ name, acked, lag, streams, holders }: Phase): string[] {
  return [
    ...acked.flatMap((count, shard) => (count === 0 ? [`${name}: nothing was acknowledged in shard ${shard}`] : [])),
    ...lag.flatMap((records, shard) =>
      records > acked[shard]! ? [`${name}: the tables lack ${records} records of shard ${shard}`] : [],
    ),
    ...streams.flatMap((open, gateway) =>
      open === 0 ? [`${name}: nobody watches at realtime gateway ${gateway}`] : [],
    ),
    ...(new Set(holders).size < holders.length ? [`${name}: one projector writes several shards`] : []),
  ];
}
