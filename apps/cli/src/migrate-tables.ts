import { EventLog } from '@runcast/event-log';
import { migrate, ReaderRoleError } from '@runcast/read-models';
import { databaseUrlOf } from './database-url.ts';
import { UserError } from './errors.ts';
import { logOptionsOf } from './log-options.ts';

/**
 * `runcast migrate`: for deployments, before the services of a new version start. With NATS_URL it makes the streams of the
 * log as well, so that the services need no right to make any.
 */
export async function migrateTables(host: NodeJS.Process): Promise<number> {
  const ran = await migrate(databaseUrlOf(host.env)).catch(explain);
  host.stdout.write(ran.length > 0 ? `migrated: ${ran.join(', ')}\n` : 'up to date\n');
  if (!host.env.NATS_URL) return 0;
  const log = await EventLog.connect(logOptionsOf(host.env, 'migrate'));
  await log.close();
  host.stdout.write('the log has its streams\n');
  return 0;
}

function explain(error: unknown): never {
  throw error instanceof ReaderRoleError ? new UserError(error.message) : error;
}
