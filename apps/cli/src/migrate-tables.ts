import { migrate } from '@runcast/read-models';
import { databaseUrlOf } from './database-url.ts';

/** `runcast migrate`: for deployments, before the services of a new version start. */
export async function migrateTables(host: NodeJS.Process): Promise<number> {
  const ran = await migrate(databaseUrlOf(host.env));
  host.stdout.write(ran.length > 0 ? `migrated: ${ran.join(', ')}\n` : 'up to date\n');
  return 0;
}
