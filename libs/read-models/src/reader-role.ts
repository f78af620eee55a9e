import pg from 'pg';
import { ReaderRoleError } from './errors.ts';

/** Under whose rights tenants' data are read. It cannot log in; the services' user takes it for one transaction. */
export const READER_ROLE = 'runcast_reader';

/** All that it may read: tables behind the tenant wall, and one that says how far the tables have come. */
const READABLE = [
  ...['event', 'run', 'session', 'session_run', 'projection'],
  ...['api_key', 'audit_log', 'erasure', 'legal_hold', 'redaction_rules'],
];

/** What nobody is shown, its own tenant neither: what keys are checked by, and what somebody asked to forget. */
const HIDDEN = ['api_key.hash', 'erasure.subject', 'erasure.targets'];

const DUPLICATE_OBJECT = '42710';
const UNIQUE_VIOLATION = '23505';
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Makes sure that the role is there, that this user may take it, and that it may read. Safe to repeat.
 *
 * @throws {ReaderRoleError} when the role must be made by somebody who may; it says by which statements
 */
export async function provideReaderRole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<Standing>(STANDING, [READER_ROLE]);
  const { there, member, user } = rows[0]!;
  try {
    if (!there) await unlessThere(client.query(`CREATE ROLE ${READER_ROLE} NOLOGIN`));
    if (!member) await unlessThere(client.query(`GRANT ${READER_ROLE} TO CURRENT_USER`));
  } catch (error) {
    if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new ReaderRoleError(READER_ROLE, pg.escapeIdentifier(user), { cause: error });
  }
  const { rows: grants } = await client.query<{ statement: string }>(GRANT_READING, [READER_ROLE, READABLE, HIDDEN]);
  await runAll(client, grants);
}

interface Standing {
  there: boolean;
  member: boolean;
  user: string;
}

const STANDING = `
  SELECT current_user AS user, r.oid IS NOT NULL AS there,
    coalesce(pg_has_role(current_user, r.oid, 'SET'), false) AS member
  FROM (SELECT 1) AS always LEFT JOIN pg_roles AS r ON r.rolname = $1`;

// Only what is missing: two databases of one server that grant at the same moment get into each other's way.
const GRANT_READING = `
  SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), $1::text) AS statement
  WHERE NOT has_schema_privilege($1, current_schema(), 'USAGE')
  UNION ALL
  SELECT format('GRANT SELECT (%s) ON %I TO %I', string_agg(quote_ident(attname), ', '), name, $1::text)
  FROM unnest($2::text[]) AS name JOIN pg_attribute ON attrelid = to_regclass(name)
  WHERE attnum > 0 AND NOT attisdropped AND NOT name || '.' || attname = ANY ($3)
    AND NOT has_column_privilege($1, attrelid, attnum, 'SELECT')
  GROUP BY name`;

async function runAll(client: pg.Client, grants: readonly { statement: string }[]): Promise<void> {
  for (const { statement } of grants) await client.query(statement);
}

/** Roles are the server's, not the database's: somebody who migrates another database may have made it in between. */
async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const raced = code === DUPLICATE_OBJECT || code === UNIQUE_VIOLATION || message.includes('concurrently updated');
    if (!raced) throw error;
  }
}
