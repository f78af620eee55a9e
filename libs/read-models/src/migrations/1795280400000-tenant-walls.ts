import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The second wall between tenants: whoever reads as runcast_reader sees the rows of the one tenant that its transaction
 * names, whatever the query forgot to ask. The owner of the tables, who writes them, is not bound by it.
 */
export class TenantWalls1795280400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of WALLED) {
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      // Without a tenant the setting is NULL, or empty after it was set in an earlier transaction: no row is either.
      await queryRunner.query(
        `CREATE POLICY tenant_wall ON ${table} FOR SELECT USING (tenant = current_setting('runcast.tenant', true))`,
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of WALLED) {
      await queryRunner.query(`DROP POLICY tenant_wall ON ${table}`);
      await queryRunner.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    }
  }
}

const WALLED = ['event', 'run', 'session', 'session_run'];
