import { EntitySchema, type EntitySchemaColumnOptions, type EntitySchemaIndexOptions } from 'typeorm';
import type { Column, ColumnType } from './columns.ts';
import { DEAD_LETTER_COLUMNS } from './dead-letters.ts';
import { PLACED_EVENT_COLUMNS } from './event-rows.ts';
import { LINK_COLUMNS } from './link-rows.ts';
import { RUN_COLUMNS } from './run-rows.ts';
import { SESSION_COLUMNS } from './session-rows.ts';

/**
 * The tables as the code believes them to be, made from the same columns that it reads and writes. TypeORM compares them
 * with what the migrations build (migrations.int.spec.ts), so neither can move alone.
 */
export const ENTITIES: readonly EntitySchema[] = [
  table('event', PLACED_EVENT_COLUMNS, ['tenant', 'run', 'id', 'expires_on'], {
    indices: [
      unique('event_by_sequence', 'tenant', 'run', 'sequence', 'expires_on'),
      { ...index('event_by_user', 'tenant'), where: 'it is compared by name, as its expression is' },
    ],
    checks: ['event_ids', 'event_sequence'],
  }),
  table('run', RUN_COLUMNS, ['tenant', 'run'], {
    indices: [
      unique('run_by_first_sequence', 'tenant', 'first_sequence'),
      index('run_by_status', 'tenant', 'status', 'first_sequence'),
      index('run_by_agent', 'tenant', 'agent', 'first_sequence'),
      { ...index('run_open', 'shard'), where: 'it is compared by name' },
      { ...index('run_by_expiry', 'expires_on'), where: 'it is compared by name' },
    ],
    checks: ['run_ids', 'run_status', 'run_usage'],
  }),
  table('session', SESSION_COLUMNS, ['tenant', 'session'], {
    indices: [unique('session_by_first_sequence', 'tenant', 'first_sequence')],
    checks: ['session_ids'],
  }),
  table('session_run', LINK_COLUMNS, ['tenant', 'session', 'run'], {
    indices: [index('session_run_by_run', 'tenant', 'run')],
    checks: ['session_run_ids'],
  }),
  table(
    'projection',
    [
      { name: 'shard', type: 'integer' },
      { name: 'holder', type: 'text', nullable: true },
      { name: 'lease_until', type: 'timestamp with time zone', nullable: true },
      { name: 'fence', type: 'bigint', default: 0 },
      { name: 'epoch', type: 'text', nullable: true },
      { name: 'sequence', type: 'bigint', default: 0 },
      { name: 'anchor', type: 'text', nullable: true },
      { name: 'revision', type: 'bigint', default: 0 },
    ],
    ['shard'],
  ),
  table(
    'dead_letter',
    [...DEAD_LETTER_COLUMNS, { name: 'parked_at', type: 'timestamp with time zone', default: () => 'now()' }],
    ['shard', 'sequence'],
  ),
  table(
    'agent_limit',
    [
      { name: 'tenant', type: 'text' },
      { name: 'agent', type: 'text' },
      { name: 'running_ms', type: 'bigint', nullable: true },
      { name: 'waiting_ms', type: 'bigint', nullable: true },
    ],
    ['tenant', 'agent'],
    { checks: ['agent_limit_ids', 'agent_limit_positive'] },
  ),
  table(
    'erasure',
    [
      { name: 'id', type: 'text' },
      { name: 'tenant', type: 'text' },
      { name: 'shard', type: 'integer' },
      { name: 'kind', type: 'text' },
      { name: 'subject', type: 'text', nullable: true },
      { name: 'subject_digest', type: 'text' },
      { name: 'requested_at', type: 'timestamp with time zone', default: () => 'now()' },
      { name: 'requested_by', type: 'text' },
      { name: 'targets', type: 'jsonb', nullable: true },
      { name: 'sent_again', type: 'boolean', default: false },
      { name: 'completed_at', type: 'timestamp with time zone', nullable: true },
      { name: 'receipt', type: 'jsonb', nullable: true },
    ],
    ['id'],
    {
      indices: [{ ...unique('erasure_pending', 'tenant', 'kind', 'subject_digest'), where: 'it is compared by name' }],
      checks: ['erasure_ids', 'erasure_kind'],
    },
  ),
  table(
    'erased_run',
    [
      { name: 'digest', type: 'text' },
      { name: 'tenant', type: 'text' },
      { name: 'erasure', type: 'text' },
      { name: 'erased_at', type: 'timestamp with time zone', default: () => 'now()' },
    ],
    ['digest'],
    { indices: [index('erased_run_by_time', 'erased_at')] },
  ),
  table(
    'legal_hold',
    [
      { name: 'tenant', type: 'text' },
      { name: 'kind', type: 'text' },
      { name: 'subject', type: 'text' },
      { name: 'reason', type: 'text' },
      { name: 'placed_by', type: 'text' },
      { name: 'placed_at', type: 'timestamp with time zone', default: () => 'now()' },
    ],
    ['tenant', 'kind', 'subject'],
    { checks: ['legal_hold_ids', 'legal_hold_kind'] },
  ),
  table(
    'audit_log',
    [
      { name: 'tenant', type: 'text' },
      { name: 'number', type: 'bigint' },
      { name: 'at', type: 'timestamp with time zone' },
      { name: 'actor', type: 'text' },
      { name: 'action', type: 'text' },
      { name: 'subject', type: 'text' },
      { name: 'details', type: 'jsonb' },
      { name: 'previous', type: 'text' },
      { name: 'hash', type: 'text' },
    ],
    ['tenant', 'number'],
  ),
  table(
    'retention',
    [
      { name: 'tenant', type: 'text' },
      { name: 'days', type: 'integer', nullable: true },
    ],
    ['tenant'],
    { checks: ['retention_days'] },
  ),
  table(
    'rate_budget',
    [
      { name: 'bucket', type: 'text' },
      { name: 'tokens', type: 'double precision' },
      { name: 'granted', type: 'double precision' },
      { name: 'read_at', type: 'timestamp with time zone' },
    ],
    ['bucket'],
  ),
  table(
    'redaction_rules',
    [
      { name: 'tenant', type: 'text' },
      { name: 'rules', type: 'jsonb' },
      { name: 'changed_at', type: 'timestamp with time zone', default: () => 'now()' },
    ],
    ['tenant'],
    { checks: ['redaction_rules_tenant'] },
  ),
  table(
    'projector',
    [
      { name: 'holder', type: 'text' },
      { name: 'alive_until', type: 'timestamp with time zone' },
    ],
    ['holder'],
  ),
  table(
    'api_key',
    [
      { name: 'id', type: 'text' },
      { name: 'tenant', type: 'text' },
      { name: 'name', type: 'text' },
      { name: 'scopes', type: 'text', array: true },
      { name: 'agents', type: 'text', array: true, nullable: true },
      { name: 'sessions', type: 'text', array: true, nullable: true },
      { name: 'prefix', type: 'text' },
      { name: 'hash', type: 'bytea' },
      { name: 'created_at', type: 'timestamp with time zone', default: () => 'now()' },
      { name: 'revoked_at', type: 'timestamp with time zone', nullable: true },
      { name: 'last_used_at', type: 'timestamp with time zone', nullable: true },
      { name: 'changed_at', type: 'timestamp with time zone', default: () => 'now()' },
    ],
    ['id'],
    {
      indices: [unique('api_key_by_hash', 'hash'), index('api_key_by_change', 'changed_at')],
      checks: ['api_key_ids', 'api_key_hash'],
    },
  ),
  table(
    'ticket',
    [
      { name: 'hash', type: 'bytea' },
      { name: 'tenant', type: 'text' },
      { name: 'key_id', type: 'text' },
      { name: 'grants', type: 'jsonb' },
      { name: 'expires_at', type: 'timestamp with time zone' },
    ],
    ['hash'],
    { indices: [index('ticket_by_expiry', 'tenant', 'expires_at')], checks: ['ticket_hash'] },
  ),
];

interface Described {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  readonly array?: true;
  readonly default?: EntitySchemaColumnOptions['default'];
}

function table(
  name: string,
  columns: readonly (Described | Column<never>)[],
  key: readonly string[],
  extras: { indices?: EntitySchemaIndexOptions[]; checks?: string[] } = {},
): EntitySchema {
  return new EntitySchema({
    name,
    columns: Object.fromEntries(
      columns.map((column) => [
        column.name,
        { ...column, primary: key.includes(column.name), primaryKeyConstraintName: `${name}_key` },
      ]),
    ),
    indices: extras.indices ?? [],
    // Postgres spells an expression in its own way, so checks are compared by name.
    checks: (extras.checks ?? []).map((check) => ({ name: check, expression: '' })),
  });
}

function index(name: string, ...columns: string[]): EntitySchemaIndexOptions {
  return { name, columns };
}

function unique(name: string, ...columns: string[]): EntitySchemaIndexOptions {
  return { ...index(name, ...columns), unique: true };
}
