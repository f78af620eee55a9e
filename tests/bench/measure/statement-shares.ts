import type pg from 'pg';

interface Seen {
  readonly state: string;
  readonly statement: string;
}

/**
 * What the connections of one application are at, by looking again and again: how Postgres divides its time among
 * statements, and how much of it waits for the application.
 */
export class StatementShares {
  private readonly seen = new Map<string, number>();
  private looks = 0;

  constructor(
    private readonly client: pg.Client,
    private readonly applicationName: string,
  ) {}

  async look(): Promise<void> {
    const { rows } = await this.client.query<Seen>(SEEN, [this.applicationName]);
    this.looks += 1;
    for (const row of rows) {
      const name = row.state === 'active' ? row.statement : '(in a transaction, waiting for the application)';
      this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
    }
  }

  /** The most frequent first: in which share of the looks each was seen. */
  tops(limit: number): string[] {
    return [...this.seen]
      .sort(([, left], [, right]) => right - left)
      .slice(0, limit)
      .map(([statement, count]) => `${((count / this.looks) * 100).toFixed(1).padStart(5)} %  ${statement}`);
  }
}

const SEEN = `
  SELECT state, array_to_string((regexp_split_to_array(trim(query), '\\s+'))[1:3], ' ') AS statement
  FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database() AND state <> 'idle'`;
