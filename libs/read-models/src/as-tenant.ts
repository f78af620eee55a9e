import pg from 'pg';
import { rolledBack, type Database } from './database.ts';
import { READER_ROLE } from './reader-role.ts';

/** Reads the rows of one tenant, and of no other whatever it asks. */
export interface TenantReader {
  query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<pg.QueryResult<Row>>;
}

/**
 * The one way by which tenants' data are read. Each query is a transaction of its own under the reader's role, for which
 * Postgres shows the rows of this tenant only: a condition that a query lacks finds nothing more.
 */
export function asTenant(database: Database, tenant: string): TenantReader {
  // Role and tenant end with the transaction, so that a connection goes back into the pool as it came.
  const begin = `BEGIN READ ONLY; SET LOCAL ROLE ${READER_ROLE}; SET LOCAL runcast.tenant = ${pg.escapeLiteral(tenant)}`;
  return {
    async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]) {
      const connection = await database.connect();
      try {
        await connection.query(begin);
        const result = await connection.query<Row>(sql, [...values]);
        // Nothing depends on its outcome: who reads need not wait for it.
        void connection.query('COMMIT').then(
          () => connection.release(),
          () => connection.release(true),
        );
        return result;
      } catch (error) {
        connection.release(!(await rolledBack(connection, error)));
        throw error;
      }
    },
  };
}
