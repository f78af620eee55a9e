import { backendVariables } from '@runcast/service-host/config';
import { readVariables } from './read-variables.ts';

/** @throws UserError when the variable is missing or names no Postgres. */
export function databaseUrlOf(env: NodeJS.ProcessEnv): string {
  return readVariables({ DATABASE_URL: backendVariables.DATABASE_URL }, env).DATABASE_URL;
}
