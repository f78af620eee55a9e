import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was erased and must stay so, what must not be erased, and who did what. */
export class ErasureAndAudit1795269600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const ids = (...columns: string[]) =>
  columns.map((column) => `octet_length(${column}) BETWEEN 1 AND 128`).join(' AND ');

const UP = [
  `CREATE TABLE erasure (
    id text NOT NULL,
    tenant text NOT NULL,
    shard integer NOT NULL,
    kind text NOT NULL,
    subject text,
    subject_digest text NOT NULL,
    requested_at timestamp with time zone NOT NULL DEFAULT now(),
    requested_by text NOT NULL,
    targets jsonb,
    sent_again boolean NOT NULL DEFAULT false,
    completed_at timestamp with time zone,
    receipt jsonb,
    CONSTRAINT erasure_key PRIMARY KEY (id),
    CONSTRAINT erasure_ids CHECK (${ids('tenant')}),
    CONSTRAINT erasure_kind CHECK (kind IN ('run', 'session', 'user'))
  )`,
  'CREATE UNIQUE INDEX erasure_pending ON erasure (tenant, kind, subject_digest) WHERE completed_at IS NULL',
  // Digests only: a list of what was erased must not hold what was erased.
  `CREATE TABLE erased_run (
    digest text NOT NULL,
    tenant text NOT NULL,
    erasure text NOT NULL,
    erased_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT erased_run_key PRIMARY KEY (digest)
  )`,
  'CREATE INDEX erased_run_by_time ON erased_run (erased_at)',
  `CREATE TABLE legal_hold (
    tenant text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    placed_by text NOT NULL,
    placed_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT legal_hold_key PRIMARY KEY (tenant, kind, subject),
    CONSTRAINT legal_hold_ids CHECK (${ids('tenant', 'subject')}),
    CONSTRAINT legal_hold_kind CHECK (kind IN ('run', 'session'))
  )`,
  `CREATE TABLE audit_log (
    tenant text NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    CONSTRAINT audit_log_key PRIMARY KEY (tenant, number)
  )`,
  // Not by grants alone: the owner of the tables is who writes them. An empty table may be emptied, as a restore does.
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'TRUNCATE' AND NOT EXISTS (SELECT FROM audit_log) THEN RETURN NULL; END IF;
     RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
   END $$`,
  `CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  // Which runs a user started. Over a digest: the id is the sender's text, and an index takes no more than 2,704 bytes.
  `CREATE INDEX event_by_user ON event (tenant, md5(data ->> 'userId'))
   WHERE type = 'run.started' AND data ->> 'userId' IS NOT NULL`,
];

const DOWN = [
  'DROP INDEX event_by_user',
  'DROP TABLE audit_log',
  'DROP FUNCTION refuse_change',
  'DROP TABLE legal_hold',
  'DROP TABLE erased_run',
  'DROP TABLE erasure',
];
