import type { RedactionRules } from '@runcast/redaction';
import type { Timestamp } from '@runcast/run-events';
import { asTenant } from './as-tenant.ts';
import type { Database } from './database.ts';

/** A tenant's own rules and since when they hold. */
export interface StoredRules {
  readonly rules: RedactionRules;
  readonly changedAt: Timestamp;
}

/** `undefined` for a tenant that has never set any. */
export async function readRedactionRules(database: Database, tenant: string): Promise<StoredRules | undefined> {
  const sql = 'SELECT rules, changed_at FROM redaction_rules WHERE tenant = $1';
  const { rows } = await asTenant(database, tenant).query<RulesRow>(sql, [tenant]);
  return rows[0] && { rules: rows[0].rules, changedAt: rows[0].changed_at };
}

/** Sets all of a tenant's rules; empty ones are the standard. Every replica goes by them at its next poll. */
export async function writeRedactionRules(
  database: Database,
  tenant: string,
  rules: RedactionRules,
): Promise<StoredRules> {
  const { rows } = await database.query<RulesRow>(WRITE, [tenant, JSON.stringify(rules)]);
  return { rules: rows[0]!.rules, changedAt: rows[0]!.changed_at };
}

const WRITE = `
  INSERT INTO redaction_rules (tenant, rules) VALUES ($1, $2)
  ON CONFLICT (tenant) DO UPDATE SET rules = excluded.rules, changed_at = now()
  RETURNING rules, changed_at`;

interface RulesRow {
  rules: RedactionRules;
  changed_at: string;
}
