import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What giving up silent runs, rebuilding one shard and sharing shards out need: each row's shard, when the log last
 * heard of a run, the agents' own limits, and who is there to project.
 */
export class RunActivity1795255800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const UP = [
  'ALTER TABLE run ADD COLUMN shard integer, ADD COLUMN last_activity_at timestamp with time zone',
  `UPDATE run AS r SET shard = e.shard, last_activity_at = e.received_at FROM event AS e
   WHERE e.tenant = r.tenant AND e.run = r.run AND e.sequence = r.last_sequence`,
  'ALTER TABLE run ALTER COLUMN shard SET NOT NULL, ALTER COLUMN last_activity_at SET NOT NULL',
  'ALTER TABLE session ADD COLUMN shard integer',
  `UPDATE session AS s SET shard = l.shard FROM session_run AS l WHERE l.tenant = s.tenant AND l.session = s.session`,
  'ALTER TABLE session ALTER COLUMN shard SET NOT NULL',
  // Not over last_activity_at, which every batch changes: an index on it would make each update of a run write to all
  // indexes of the table. The runs that are open are few, and the sweep looks at each.
  `CREATE INDEX run_open ON run (shard) WHERE status IN ('running', 'waiting_for_input')`,
  // Every batch changes the rows of the runs that are open. With room on its page a new version of a row needs no new
  // entries in the indexes.
  'ALTER TABLE run SET (fillfactor = 50)',
  'ALTER TABLE session SET (fillfactor = 50)',
  `CREATE TABLE agent_limit (
    tenant text NOT NULL,
    agent text NOT NULL,
    running_ms bigint,
    waiting_ms bigint,
    CONSTRAINT agent_limit_key PRIMARY KEY (tenant, agent),
    CONSTRAINT agent_limit_ids CHECK (octet_length(tenant) BETWEEN 1 AND 128 AND octet_length(agent) BETWEEN 1 AND 128),
    CONSTRAINT agent_limit_positive CHECK (running_ms > 0 AND waiting_ms > 0)
  )`,
  `CREATE TABLE projector (
    holder text NOT NULL,
    alive_until timestamp with time zone NOT NULL,
    CONSTRAINT projector_key PRIMARY KEY (holder)
  )`,
];

const DOWN = [
  'ALTER TABLE session RESET (fillfactor)',
  'ALTER TABLE run RESET (fillfactor)',
  'DROP TABLE projector',
  'DROP TABLE agent_limit',
  'DROP INDEX run_open',
  'ALTER TABLE session DROP COLUMN shard',
  'ALTER TABLE run DROP COLUMN shard, DROP COLUMN last_activity_at',
];
