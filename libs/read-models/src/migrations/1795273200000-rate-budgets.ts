import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The token buckets that all replicas share. Unlogged: after a crash every bucket is full, which harms nobody. */
export class RateBudgets1795273200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE UNLOGGED TABLE rate_budget (
      bucket text NOT NULL,
      tokens double precision NOT NULL,
      granted double precision NOT NULL,
      read_at timestamp with time zone NOT NULL,
      CONSTRAINT rate_budget_key PRIMARY KEY (bucket)
    ) WITH (fillfactor = 50)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE rate_budget');
  }
}
