import type { ShardLag } from './measure-lag.ts';

const HEADINGS = ['shard', 'state', 'log end', 'projected', 'waiting', 'seconds', 'holder'];

/** Aligned columns, numbers to the right. */
export function lagTable(lags: readonly ShardLag[]): string[] {
  const rows = lags.map(({ shard, state, logEnd, projected, waiting, seconds, holder }) =>
    [shard, state, logEnd, projected, waiting, seconds, holder ?? '-'].map(String),
  );
  const table = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column]!, column))
      .join('  ')
      .trimEnd(),
  );
}

function pad(cell: string, width: number, column: number): string {
  const isText = HEADINGS[column] === 'state' || HEADINGS[column] === 'holder';
  return isText ? cell.padEnd(width) : cell.padStart(width);
}
