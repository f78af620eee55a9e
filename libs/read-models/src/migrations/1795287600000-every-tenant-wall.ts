import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The second wall around everything else that is a tenant's, and around the partitions of `event`, which have walls of
 * their own when they are read by their own names.
 */
export class EveryTenantWall1795287600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of WALLED) {
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      // What concerns the whole installation is the empty tenant's: nobody's, also where no tenant is named.
      await queryRunner.query(
        `CREATE POLICY tenant_wall ON ${table} FOR SELECT
         USING (tenant = nullif(current_setting('runcast.tenant', true), ''))`,
      );
    }
    // Without a policy nobody but the owner sees a row of it.
    for (const part of await partitions(queryRunner)) {
      await queryRunner.query(`ALTER TABLE ${part} ENABLE ROW LEVEL SECURITY`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const part of await partitions(queryRunner)) {
      await queryRunner.query(`ALTER TABLE ${part} DISABLE ROW LEVEL SECURITY`);
    }
    for (const table of WALLED) {
      await queryRunner.query(`DROP POLICY tenant_wall ON ${table}`);
      await queryRunner.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    }
  }
}

async function partitions(queryRunner: QueryRunner): Promise<string[]> {
  const sql = `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'event'::regclass`;
  return ((await queryRunner.query(sql)) as { name: string }[]).map(({ name }) => name);
}

const WALLED = [
  'agent_limit',
  'api_key',
  'audit_log',
  'dead_letter',
  'erased_run',
  'erasure',
  'legal_hold',
  'redaction_rules',
  'retention',
  'ticket',
];
