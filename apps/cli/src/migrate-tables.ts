import { migrate, ReaderRoleError } from '@runcast/read-models';
import { databaseUrlOf } from './database-url.ts';
import { UserError } from './errors.ts';

/** `runcast migrate`: for deployments, before the services of a new version start. */
export async function migrateTables(host: NodeJS.Process): Promise<number> {
  const ran = await migrate(databaseUrlOf(host.env)).catch(explain);
  host.stdout.write(ran.length > 0 ? `migrated: ${ran.join(', ')}\n` : 'up to date\n');
  return 0;
}

function explain(error: unknown): never {
  throw error instanceof ReaderRoleError ? new UserError(error.message) : error;
}
