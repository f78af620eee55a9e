import { asTenant } from './as-tenant.ts';
import { columnNames } from './columns.ts';
import { conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { page, type Page, type RunFilter } from './run-queries.ts';
import { RUN_SUMMARY_COLUMNS, runSummaryFromRow, type RunSummary, type RunSummaryRow } from './run-rows.ts';

/** The runs that one page of a search looks at. A search that finds little would otherwise read every run there is. */
export const RUNS_LOOKED_AT = 5_000;

export interface RunSearch extends RunFilter {
  /** Occurs somewhere in the run's id, agent, flow, session, model, question or error, in capitals or not. */
  readonly text: string;
}

/**
 * The runs of a filter in which a text occurs, newest first. A page may be shorter than its limit, or empty, and still have
 * a `next`: that is where the search goes on.
 */
export async function searchRuns(
  database: Database,
  search: RunSearch,
  lookAt = RUNS_LOOKED_AT,
): Promise<Page<RunSummary>> {
  const where = conditions({
    'r.tenant =': search.tenant,
    'r.status =': search.status,
    'r.agent =': search.agent,
    'r.started_at >': search.startedAfter,
    'r.started_at <': search.startedBefore,
    'r.first_sequence <': search.after,
    's.session =': search.session,
  });
  const link = search.session === undefined ? '' : 'JOIN session_run s ON s.tenant = r.tenant AND s.run = r.run';
  const { rows } = await asTenant(database, search.tenant).query<FoundRow>(
    `WITH looked AS (
       SELECT ${columnNames(RUN_SUMMARY_COLUMNS, 'r.')} FROM run r ${link}
       WHERE ${where.sql} ORDER BY r.first_sequence DESC LIMIT ${where.parameter(lookAt)}
     ), found AS (
       SELECT * FROM looked
       WHERE strpos(lower(${SEARCHED}), lower(${where.parameter(search.text)})) > 0
       ORDER BY first_sequence DESC LIMIT ${where.parameter(search.limit + 1)}
     )
     SELECT looking.*, found.* FROM (SELECT count(*) AS looked_at, min(first_sequence) AS oldest FROM looked) AS looking
     LEFT JOIN found ON true ORDER BY found.first_sequence DESC`,
    where.values,
  );
  const found = rows.flatMap((row) => (row.run === null ? [] : [runSummaryFromRow(row as RunSummaryRow)]));
  const { items, next } = page(found, search.limit, (run) => run.firstSequence);
  const { looked_at, oldest } = rows[0]!;
  const goesOn = next ?? (looked_at === lookAt ? (oldest ?? undefined) : undefined);
  return goesOn === undefined ? { items } : { items, next: goesOn };
}

type FoundRow = (RunSummaryRow | { run: null }) & { readonly looked_at: number; readonly oldest: number | null };

// Line by line: a text must not be found across the border of two fields.
const SEARCHED = `concat_ws(E'\\n', run, agent, flow, session, model, question, error ->> 'message')`;
