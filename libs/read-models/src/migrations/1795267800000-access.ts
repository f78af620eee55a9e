import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a key may touch within its tenant, when it was last used, and the tickets made with keys. */
export class Access1795267800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const UP = [
  `ALTER TABLE api_key
     ADD COLUMN agents text[],
     ADD COLUMN sessions text[],
     ADD COLUMN last_used_at timestamp with time zone`,
  `CREATE TABLE ticket (
    hash bytea NOT NULL,
    tenant text NOT NULL,
    key_id text NOT NULL,
    grants jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT ticket_key PRIMARY KEY (hash),
    CONSTRAINT ticket_hash CHECK (octet_length(hash) = 32)
  )`,
  // How many tickets a tenant holds is counted by it, and those that nobody used are found by it.
  'CREATE INDEX ticket_by_expiry ON ticket (tenant, expires_at)',
];

const DOWN = [
  'DROP TABLE ticket',
  'ALTER TABLE api_key DROP COLUMN agents, DROP COLUMN sessions, DROP COLUMN last_used_at',
];
