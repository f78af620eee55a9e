import { limitAgent as storeLimits, openDatabase, type IdleLimits } from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { databaseUrlOf } from './database-url.ts';
import { readDuration } from './duration.ts';
import { UserError } from './errors.ts';

export interface AgentLimitRequest {
  readonly tenant?: string | undefined;
  readonly agent?: string | undefined;
  /** Durations such as `90s`, `30m`, `48h`. */
  readonly running?: string | undefined;
  readonly waiting?: string | undefined;
}

/** `runcast limit-agent`: how long a run of one agent may be silent. Projectors follow with their next sweep. */
export async function limitAgent(request: AgentLimitRequest, host: NodeJS.Process): Promise<number> {
  const limits = readAgentLimit(request);
  const databaseUrl = databaseUrlOf(host.env);
  const database = openDatabase({ databaseUrl, applicationName: 'runcast cli', maxConnections: 1 });
  try {
    await storeLimits(database, limits);
    const { running = 'the default', waiting = 'the default' } = request;
    host.stdout.write(`set for ${limits.agent}: running ${running}, waiting ${waiting}\n`);
    return 0;
  } finally {
    await database.end();
  }
}

/** @throws UserError naming the first option that cannot be used. */
export function readAgentLimit(request: AgentLimitRequest): { tenant: string; agent: string } & Partial<IdleLimits> {
  const { tenant, agent, running, waiting } = request;
  if (!isId(tenant)) throw new UserError(`--tenant: expected ${ID_EXPECTED}`);
  if (!isId(agent)) throw new UserError(`--agent: expected ${ID_EXPECTED}`);
  return {
    tenant,
    agent,
    ...(running !== undefined && { runningMs: readDuration('--running', running) }),
    ...(waiting !== undefined && { waitingMs: readDuration('--waiting', waiting) }),
  };
}
