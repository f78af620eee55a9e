import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './errors.ts';

/** Where a Runcast is, and the key to it. */
export interface Gateways {
  readonly ingestUrl: string;
  readonly realtimeUrl: string;
  readonly apiKey: string;
}

const VARIABLES = {
  ingestUrl: 'RUNCAST_INGEST_URL',
  realtimeUrl: 'RUNCAST_REALTIME_URL',
  apiKey: 'RUNCAST_API_KEY',
} as const;

/**
 * What the variables say; for those that are not set, the Runcast that `npm start` has started from this repository.
 *
 * @throws {UserError} naming what is missing
 */
export function gatewaysOf(env: NodeJS.ProcessEnv, root: string): Gateways {
  const local = localRuncast(env.RUNCAST_HOME || join(root, '.runcast'));
  const found = (name: keyof Gateways): string => {
    const value = env[VARIABLES[name]] || local[name];
    if (value) return value.replace(/\/+$/, '');
    throw new UserError(`${VARIABLES[name]} is not set, and no Runcast runs here; \`npm start\` starts one`);
  };
  return { ingestUrl: found('ingestUrl'), realtimeUrl: found('realtimeUrl'), apiKey: found('apiKey') };
}

function localRuncast(home: string): Partial<Gateways> {
  try {
    return JSON.parse(readFileSync(join(home, 'dev.json'), 'utf8')) as Partial<Gateways>;
  } catch {
    return {};
  }
}
