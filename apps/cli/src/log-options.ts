import type { EventLogOptions } from '@runcast/event-log';
import { logSettings, logVariables } from '@runcast/service-host/config';
import { readVariables } from './read-variables.ts';

/** Where the log is, by the same variables that the services read. @throws UserError naming those that are unusable. */
export function logOptionsOf(env: NodeJS.ProcessEnv, clientName: string): EventLogOptions {
  return { ...logSettings(readVariables(logVariables, env)), clientName };
}
