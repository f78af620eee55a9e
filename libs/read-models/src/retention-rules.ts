import type { Connection, Database } from './database.ts';

/** For how many days a tenant's runs are kept; null: for ever. */
export interface RetentionRule {
  /** Absent: the rule for every tenant that has none of its own. */
  readonly tenant?: string;
  readonly days: number | null;
}

/** Stands for every tenant without a rule of its own. No tenant's id is empty. */
const EVERYBODY = '';

export const MAX_RETENTION_DAYS = 36_500;

/** How long each of these tenants keeps its runs. */
export async function loadRetention(
  connection: Pick<Connection, 'query'>,
  tenants: readonly string[],
): Promise<(tenant: string) => number | null> {
  if (tenants.length === 0) return () => null;
  const { rows } = await connection.query<RuleRow>(
    'SELECT tenant, days FROM retention WHERE tenant = $1 OR tenant = ANY ($2)',
    [EVERYBODY, tenants],
  );
  const days = new Map(rows.map((row) => [row.tenant, row.days]));
  return (tenant) => days.get(tenant) ?? (days.has(tenant) ? null : (days.get(EVERYBODY) ?? null));
}

interface RuleRow {
  tenant: string;
  days: number | null;
}

/** Every rule, the one for all others first. */
export async function listRetention(database: Database): Promise<RetentionRule[]> {
  const { rows } = await database.query<RuleRow>('SELECT tenant, days FROM retention ORDER BY tenant');
  return rows.map(({ tenant, days }) => (tenant === EVERYBODY ? { days } : { tenant, days }));
}

/** Counts for runs that are first heard of from now on; those that are there keep their day. */
export async function setRetention(connection: Pick<Connection, 'query'>, rule: RetentionRule): Promise<void> {
  await connection.query(
    `INSERT INTO retention (tenant, days) VALUES ($1, $2) ON CONFLICT (tenant) DO UPDATE SET days = excluded.days`,
    [rule.tenant ?? EVERYBODY, rule.days],
  );
}

/** Lets a tenant follow the rule for everybody again. */
export async function clearRetention(connection: Pick<Connection, 'query'>, tenant: string): Promise<boolean> {
  return (await connection.query('DELETE FROM retention WHERE tenant = $1', [tenant])).rowCount === 1;
}
