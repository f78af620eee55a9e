import { DEAD_LETTER_COLUMNS } from '../dead-letters.ts';
import { EVENT_COLUMNS } from '../event-rows.ts';
import { LINK_COLUMNS } from '../link-rows.ts';
import { RUN_COLUMNS } from '../run-rows.ts';
import { SESSION_COLUMNS } from '../session-rows.ts';

/** A table that is a function of the log. */
export interface ProjectedTable {
  readonly name: string;
  readonly key: readonly string[];
  /** Those that the log decides. */
  readonly columns: readonly string[];
  /** Those that the settings of their time decided: a rebuild keeps what the live rows have. */
  readonly settled?: readonly string[];
}

const SETTLED = ['expires_on'];

export const PROJECTED_TABLES: readonly ProjectedTable[] = [
  { name: 'event', key: ['tenant', 'run', 'id'], columns: names(EVENT_COLUMNS), settled: SETTLED },
  { name: 'run', key: ['tenant', 'run'], columns: names(RUN_COLUMNS).filter(notSettled), settled: SETTLED },
  { name: 'session', key: ['tenant', 'session'], columns: names(SESSION_COLUMNS) },
  { name: 'session_run', key: ['tenant', 'session', 'run'], columns: names(LINK_COLUMNS) },
  { name: 'dead_letter', key: ['shard', 'sequence'], columns: names(DEAD_LETTER_COLUMNS) },
];

function names(columns: readonly { readonly name: string }[]): string[] {
  return columns.map(({ name }) => name);
}

function notSettled(name: string): boolean {
  return !SETTLED.includes(name);
}

/** The schema in which a shard's tables are built anew. */
export function shadowSchema(shard: number): string {
  return `rebuild_${shard}`;
}

/** `prefix.a, prefix.b` */
export function listed(columns: readonly string[], prefix: string): string {
  return columns.map((column) => `${prefix}.${column}`).join(', ');
}

/** The condition under which a live and a shadow row are about the same thing. */
export function sameKey({ key }: ProjectedTable): string {
  return key.map((column) => `live.${column} = shadow.${column}`).join(' AND ');
}
