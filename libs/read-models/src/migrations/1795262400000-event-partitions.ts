import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Events in partitions by the day on which they may be dropped, the tenants' rules for it, and a number by which a
 * projector sees that somebody else has changed rows that it keeps in memory.
 */
export class EventPartitions1795262400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const UP = [
  `CREATE TABLE retention (
    tenant text NOT NULL,
    days integer,
    CONSTRAINT retention_key PRIMARY KEY (tenant),
    CONSTRAINT retention_days CHECK (days BETWEEN 1 AND 36500 AND octet_length(tenant) <= 128)
  )`,
  `ALTER TABLE projection ADD COLUMN revision bigint NOT NULL DEFAULT 0`,
  // What is there was stored under no rule: it is kept until somebody gives it a day.
  `ALTER TABLE run ADD COLUMN expires_on date NOT NULL DEFAULT 'infinity'`,
  `ALTER TABLE run ALTER COLUMN expires_on DROP DEFAULT`,
  // How the job finds what is due. Runs that are kept for ever cost it nothing.
  `CREATE INDEX run_by_expiry ON run (expires_on) WHERE expires_on < 'infinity'`,
  // The rows that are there become a partition as they are: none is copied.
  `ALTER TABLE event RENAME TO event_kept`,
  `ALTER TABLE event_kept ADD COLUMN expires_on date NOT NULL DEFAULT 'infinity'`,
  `ALTER TABLE event_kept ALTER COLUMN expires_on DROP DEFAULT`,
  `ALTER TABLE event_kept DROP CONSTRAINT event_key`,
  `DROP INDEX event_by_sequence`,
  `CREATE TABLE event (LIKE event_kept INCLUDING CONSTRAINTS) PARTITION BY LIST (expires_on)`,
  `ALTER TABLE event ADD CONSTRAINT event_key PRIMARY KEY (tenant, run, id, expires_on)`,
  `CREATE UNIQUE INDEX event_by_sequence ON event (tenant, run, sequence, expires_on)`,
  `ALTER TABLE event ATTACH PARTITION event_kept FOR VALUES IN ('infinity')`,
  // Stays empty: whoever writes makes the partition first. Without it a mistake in that would park events as refused.
  `CREATE TABLE event_unplaced PARTITION OF event DEFAULT`,
];

const DOWN = [
  `CREATE TABLE event_before (LIKE event INCLUDING CONSTRAINTS)`,
  `INSERT INTO event_before SELECT * FROM event`,
  `DROP TABLE event`,
  `ALTER TABLE event_before RENAME TO event`,
  `ALTER TABLE event DROP COLUMN expires_on`,
  `ALTER TABLE event ADD CONSTRAINT event_key PRIMARY KEY (tenant, run, id)`,
  `CREATE UNIQUE INDEX event_by_sequence ON event (tenant, run, sequence)`,
  `ALTER TABLE run DROP COLUMN expires_on`,
  `ALTER TABLE projection DROP COLUMN revision`,
  `DROP TABLE retention`,
];
