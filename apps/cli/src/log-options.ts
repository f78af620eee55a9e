import type { EventLogOptions } from '@runcast/event-log';
import { UserError } from './errors.ts';

/** Where the log is, by the same variables that the services read. @throws UserError naming the one that is unusable. */
export function logOptionsOf(env: NodeJS.ProcessEnv, clientName: string): EventLogOptions {
  const servers = env.NATS_URL ?? '';
  if (!/^(nats|tls):\/\//.test(servers)) {
    throw new UserError('NATS_URL: expected a URL starting with nats:// or tls://, or several separated by commas');
  }
  const shards = env.RUNCAST_SHARDS || '1';
  if (!/^[1-9]\d{0,3}$/.test(shards)) throw new UserError('RUNCAST_SHARDS: expected a whole number from 1 to 1024');
  const namespace = env.RUNCAST_NAMESPACE || undefined;
  return { servers, clientName, shards: Number(shards), ...(namespace !== undefined && { namespace }) };
}
