import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of the read models, the projection's own books, and the API keys. */
export class FirstTables1795251946230 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) await queryRunner.query(`DROP TABLE ${table}`);
  }
}

const TABLES = ['api_key', 'dead_letter', 'projection', 'session_run', 'session', 'run', 'event'];

// 128 bytes, as the contract says of ids. It also keeps every index row far below the 2,704 bytes that a B-tree takes.
const id = (column: string) => `octet_length(${column}) BETWEEN 1 AND 128`;

const EVENT = `
  CREATE TABLE event (
    tenant text NOT NULL,
    run text NOT NULL,
    id text NOT NULL,
    session text,
    agent text,
    flow text,
    type text NOT NULL,
    level text NOT NULL,
    dialect text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    shard integer NOT NULL,
    sequence bigint NOT NULL,
    data jsonb NOT NULL,
    raw text NOT NULL,
    CONSTRAINT event_key PRIMARY KEY (tenant, run, id),
    CONSTRAINT event_ids CHECK (${['tenant', 'run', 'id', 'session', 'agent', 'flow', 'type'].map(id).join(' AND ')}),
    CONSTRAINT event_sequence CHECK (sequence > 0)
  )`;

const RUN = `
  CREATE TABLE run (
    tenant text NOT NULL,
    run text NOT NULL,
    status text NOT NULL,
    status_reason text,
    attempt integer NOT NULL,
    start_seen boolean NOT NULL,
    agent text,
    flow text,
    session text,
    framework text,
    model text,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    last_event_at timestamp with time zone NOT NULL,
    event_count integer NOT NULL,
    steps_started integer NOT NULL,
    steps_ended integer NOT NULL,
    tool_calls_started integer NOT NULL,
    tool_calls_ended integer NOT NULL,
    llm_calls_started integer NOT NULL,
    llm_calls_ended integer NOT NULL,
    error_count integer NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    total_tokens bigint NOT NULL,
    cost_usd double precision NOT NULL,
    usage_before jsonb NOT NULL,
    usage_reported boolean NOT NULL,
    input jsonb,
    output jsonb,
    error jsonb,
    question text,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    CONSTRAINT run_key PRIMARY KEY (tenant, run),
    CONSTRAINT run_ids CHECK (${['tenant', 'run', 'session', 'agent', 'flow'].map(id).join(' AND ')}),
    CONSTRAINT run_status CHECK (
      status IN ('running', 'waiting_for_input', 'success', 'error') AND status_reason IN ('cancelled', 'stale')
    ),
    CONSTRAINT run_usage CHECK (
      input_tokens >= 0 AND output_tokens >= 0 AND total_tokens >= 0 AND cost_usd >= 0 AND cost_usd < 'Infinity'
    )
  )`;

const SESSION = `
  CREATE TABLE session (
    tenant text NOT NULL,
    session text NOT NULL,
    agent text,
    run_count integer NOT NULL,
    event_count integer NOT NULL,
    first_event_at timestamp with time zone,
    last_event_at timestamp with time zone,
    last_activity_at timestamp with time zone,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    CONSTRAINT session_key PRIMARY KEY (tenant, session),
    CONSTRAINT session_ids CHECK (${['tenant', 'session', 'agent'].map(id).join(' AND ')})
  )`;

const SESSION_RUN = `
  CREATE TABLE session_run (
    tenant text NOT NULL,
    session text NOT NULL,
    run text NOT NULL,
    shard integer NOT NULL,
    linked_sequence bigint NOT NULL,
    CONSTRAINT session_run_key PRIMARY KEY (tenant, session, run),
    CONSTRAINT session_run_ids CHECK (${['tenant', 'session', 'run'].map(id).join(' AND ')})
  )`;

const PROJECTION = `
  CREATE TABLE projection (
    shard integer NOT NULL,
    holder text,
    lease_until timestamp with time zone,
    fence bigint NOT NULL DEFAULT 0,
    epoch text,
    sequence bigint NOT NULL DEFAULT 0,
    anchor text,
    CONSTRAINT projection_key PRIMARY KEY (shard)
  )`;

const DEAD_LETTER = `
  CREATE TABLE dead_letter (
    shard integer NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    tenant text,
    run text,
    subject text,
    reason text NOT NULL,
    bytes bytea NOT NULL,
    parked_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT dead_letter_key PRIMARY KEY (shard, sequence)
  )`;

const API_KEY = `
  CREATE TABLE api_key (
    id text NOT NULL,
    tenant text NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    revoked_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT api_key_key PRIMARY KEY (id),
    CONSTRAINT api_key_ids CHECK (${id('tenant')}),
    CONSTRAINT api_key_hash CHECK (octet_length(hash) = 32)
  )`;

const INDEXES = [
  // Pages of a run's events, and, run by run, of a session's. Also refuses one position for two events of a run.
  'CREATE UNIQUE INDEX event_by_sequence ON event (tenant, run, sequence)',
  // A tenant's runs newest first, alone and under the two filters that lists are opened with.
  'CREATE UNIQUE INDEX run_by_first_sequence ON run (tenant, first_sequence)',
  'CREATE INDEX run_by_status ON run (tenant, status, first_sequence)',
  'CREATE INDEX run_by_agent ON run (tenant, agent, first_sequence)',
  'CREATE UNIQUE INDEX session_by_first_sequence ON session (tenant, first_sequence)',
  // Which sessions a run has joined: the projector's question.
  'CREATE INDEX session_run_by_run ON session_run (tenant, run)',
  'CREATE UNIQUE INDEX api_key_by_hash ON api_key (hash)',
  'CREATE INDEX api_key_by_change ON api_key (changed_at)',
];

const UP = [EVENT, RUN, SESSION, SESSION_RUN, PROJECTION, DEAD_LETTER, API_KEY, ...INDEXES];
