import type { Connection } from '../database.ts';
import { listed, PROJECTED_TABLES, sameKey, shadowSchema, type ProjectedTable } from './projected-tables.ts';

/** How the live rows of one table and one shard differ from those that were built anew. */
export interface TableDifference {
  readonly table: string;
  /** Rows that only the rebuilt table has. */
  readonly missing: number;
  /** Rows that only the live table has. */
  readonly surplus: number;
  /** Rows with the same key and other values. */
  readonly different: number;
  /** The keys of some of them. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/** Compares every column of every row of a shard, as of the snapshot of the caller's transaction. */
export async function compareTables(connection: Connection, shard: number): Promise<TableDifference[]> {
  const differences: TableDifference[] = [];
  for (const table of PROJECTED_TABLES) {
    const { rows } = await connection.query<TableDifference>(compare(table, shard), [shard]);
    differences.push({ ...rows[0]!, table: table.name });
  }
  return differences;
}

export function isSame({ missing, surplus, different }: TableDifference): boolean {
  return missing + surplus + different === 0;
}

function compare(table: ProjectedTable, shard: number): string {
  const first = table.key[0]!;
  const name = `concat_ws(' / ', ${table.key.map((column) => `coalesce(live.${column}, shadow.${column})`).join(', ')})`;
  return `
    SELECT count(*) FILTER (WHERE in_live IS NULL) AS missing,
      count(*) FILTER (WHERE in_shadow IS NULL) AS surplus,
      count(*) FILTER (WHERE in_live IS NOT NULL AND in_shadow IS NOT NULL) AS different,
      coalesce((array_agg(name) FILTER (WHERE place <= ${EXAMPLES})), '{}') AS examples
    FROM (
      SELECT live.${first} AS in_live, shadow.${first} AS in_shadow, ${name} AS name, row_number() OVER () AS place
      FROM (SELECT * FROM ${table.name} WHERE shard = $1) AS live
      FULL JOIN ${shadowSchema(shard)}.${table.name} AS shadow ON ${sameKey(table)}
      WHERE (${listed(table.columns, 'live')}) IS DISTINCT FROM (${listed(table.columns, 'shadow')})
    ) AS differing`;
}
