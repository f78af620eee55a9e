import pg from 'pg';
import type { Differences } from '../check/compare.ts';
import { NO_DIFFERENCES } from '../check/compare.ts';
import type { Entry } from '../check/entry.ts';

export interface TableContents {
  readonly runs: Map<string, Entry[]>;
  /** Counters and states that contradict the events beside them. */
  readonly contradictions: readonly string[];
  readonly deadLetters: number;
}

interface EventRow {
  readonly run: string;
  readonly id: string;
  readonly position: string;
  readonly mark: string;
}

const EVENTS = `
  SELECT run, id, concat_ws('.', shard, (SELECT epoch FROM projection WHERE projection.shard = event.shard), sequence) AS position,
    coalesce(data->>'step', data->>'message', data->>'output', '') AS mark
  FROM event ORDER BY run, sequence`;

/** Every summary row that does not say what the events say, and every summary that is missing or has no events. */
const CONTRADICTIONS = `
  WITH facts AS (
    SELECT run, count(*) AS events, min(sequence) AS first_sequence, max(sequence) AS last_sequence,
      bool_or(type = 'run.completed') AS ended, count(*) FILTER (WHERE type = 'step.started') AS steps
    FROM event GROUP BY run
  )
  SELECT 'run ' || coalesce(facts.run, run.run) AS subject
  FROM facts FULL JOIN run USING (run)
  WHERE run.event_count IS DISTINCT FROM facts.events
    OR run.first_sequence IS DISTINCT FROM facts.first_sequence
    OR run.last_sequence IS DISTINCT FROM facts.last_sequence
    OR run.steps_started IS DISTINCT FROM facts.steps
    OR run.status IS DISTINCT FROM (CASE WHEN facts.ended THEN 'success' ELSE 'running' END)
  UNION ALL
  SELECT 'session ' || session.session
  FROM session JOIN (
    SELECT session_run.session, count(DISTINCT run) AS runs, count(event.id) AS events
    FROM session_run JOIN event USING (run) WHERE event.sequence > linked_sequence GROUP BY session_run.session
  ) AS facts(session, runs, events) ON facts.session = session.session
  WHERE session.run_count <> facts.runs OR session.event_count <> facts.events`;

export async function readTables(databaseUrl: string): Promise<TableContents> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<EventRow>(EVENTS);
    const contradictions = await client.query<{ subject: string }>(CONTRADICTIONS);
    const parked = await client.query<{ count: string }>('SELECT count(*) FROM dead_letter');
    return {
      runs: Map.groupBy(rows, ({ run }) => run),
      contradictions: contradictions.rows.map(({ subject }) => subject),
      deadLetters: Number(parked.rows[0]!.count),
    };
  } finally {
    await client.end();
  }
}

/** A summary that contradicts its events, or an event that was parked although it is fine, is a divergence. */
export function summaryDifferences({ contradictions, deadLetters }: TableContents): Differences {
  return { ...NO_DIFFERENCES, divergent: contradictions.length + deadLetters };
}
