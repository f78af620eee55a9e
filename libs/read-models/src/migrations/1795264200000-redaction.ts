import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where an event was redacted, and the tenants' own rules. */
export class Redaction1795264200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE event ADD COLUMN redacted jsonb');
    await queryRunner.query(`CREATE TABLE redaction_rules (
      tenant text NOT NULL,
      rules jsonb NOT NULL,
      changed_at timestamp with time zone NOT NULL DEFAULT now(),
      CONSTRAINT redaction_rules_key PRIMARY KEY (tenant),
      CONSTRAINT redaction_rules_tenant CHECK (octet_length(tenant) BETWEEN 1 AND 128)
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE redaction_rules');
    await queryRunner.query('ALTER TABLE event DROP COLUMN redacted');
  }
}
