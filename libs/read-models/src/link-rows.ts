import type { RecordedLink } from '@runcast/run-events';
import { bulkInsert, statement, type Column, type Statement } from './columns.ts';
import type { Connection } from './database.ts';
import type { RunKey } from './run-rows.ts';

export const LINK_COLUMNS: readonly Column<RecordedLink>[] = [
  { name: 'tenant', type: 'text', value: (link) => link.tenant },
  { name: 'session', type: 'text', value: (link) => link.session },
  { name: 'run', type: 'text', value: (link) => link.run },
  { name: 'shard', type: 'integer', value: (link) => link.position.shard },
  { name: 'linked_sequence', type: 'bigint', value: (link) => link.position.sequence },
];

const INSERT_LINKS = bulkInsert('session_run', LINK_COLUMNS, '');

/** What stores links, none of which may be there yet. */
export function linkStatements(links: readonly RecordedLink[]): Statement[] {
  return statement('insert-links', INSERT_LINKS, LINK_COLUMNS, links);
}

export interface LinkRow {
  tenant: string;
  session: string;
  run: string;
  linked_sequence: number;
}

const LOAD_LINKS = `SELECT tenant, session, run, linked_sequence FROM session_run
  WHERE (tenant, run) IN (SELECT * FROM unnest($1::text[], $2::text[]))`;

/** Every session that these runs have joined, and where. */
export async function loadLinks(connection: Connection, keys: readonly RunKey[]): Promise<LinkRow[]> {
  if (keys.length === 0) return [];
  const values = [keys.map(({ tenant }) => tenant), keys.map(({ run }) => run)];
  return (await connection.query<LinkRow>(LOAD_LINKS, values)).rows;
}
