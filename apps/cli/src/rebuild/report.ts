import { isSame, type TableDifference } from '@runcast/read-models';
import type { RebuildOutcome } from './rebuild-shard.ts';

const number = new Intl.NumberFormat('en');

/** A listener that says how far a rebuild has come, at most once every so often. */
export function progressLine(to: {
  readonly shard: number;
  readonly report: (line: string) => void;
  readonly clock: () => number;
  readonly everyMs: number;
}): (sequence: number, logEnd: number) => void {
  const start = to.clock();
  let said = start;
  return (sequence, logEnd) => {
    const now = to.clock();
    if (now - said < to.everyMs) return;
    said = now;
    const perSecond = Math.round((sequence * 1_000) / (now - start));
    to.report(
      `shard ${to.shard}: ${number.format(sequence)} of ${number.format(Math.max(sequence, logEnd))} records, ` +
        `${number.format(perSecond)}/s`,
    );
  };
}

/** What became of a rebuild, in lines for the one who asked for it. */
export function describeOutcome(outcome: RebuildOutcome): string[] {
  switch (outcome.outcome) {
    case 'swapped': {
      const changed = outcome.changes.filter(({ removed, inserted }) => removed + inserted > 0);
      const rows = changed.map(({ table, removed, inserted }) => `${table}: ${removed} rows out, ${inserted} rows in`);
      return changed.length > 0 ? ['rebuilt and swapped', ...rows] : ['rebuilt; the tables were right already'];
    }
    case 'compared': {
      const differing = outcome.differences.filter((difference) => !isSame(difference));
      return differing.length > 0 ? differing.flatMap(describeDifference) : ['the tables are what the log says'];
    }
    case 'fenced-out':
      return ['not swapped: the shard was claimed by somebody else in the middle. Start again.'];
    case 'would-lose-events':
      return [
        `not swapped: ${number.format(outcome.events)} events of the tables are not in the log (erased there, or it is ` +
          'another log or an older copy). --accept-loss removes them.',
      ];
  }
}

function describeDifference({ table, missing, surplus, different, examples }: TableDifference): string[] {
  return [
    `${table}: ${missing} rows missing, ${surplus} rows too many, ${different} rows different`,
    ...examples.map((example) => `  e.g. ${JSON.stringify(example)}`),
  ];
}
