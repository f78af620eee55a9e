import { ConfigError, loadConfig } from '@runcast/service-host/config';
import { z } from 'zod';
import { UserError } from './errors.ts';

/** Reads variables as the services do, files of secrets included. @throws UserError naming all that cannot be used. */
export function readVariables<V extends z.ZodRawShape>(
  variables: V,
  env: NodeJS.ProcessEnv,
): Readonly<z.infer<z.ZodObject<V>>> {
  try {
    return loadConfig(z.object(variables), env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UserError(error.variables.map(({ name, expected }) => `${name}: ${expected}`).join('\n'));
  }
}
