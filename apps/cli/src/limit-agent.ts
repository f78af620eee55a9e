import { limitAgent as storeLimits, openDatabase, type IdleLimits } from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { databaseUrlOf } from './database-url.ts';
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
    ...(running !== undefined && { runningMs: durationMs('--running', running) }),
    ...(waiting !== undefined && { waitingMs: durationMs('--waiting', waiting) }),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationMs(option: string, text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new UserError(`${option}: expected a duration such as 90s, 30m, 48h or 7d`);
  return Number(count) * UNIT_MS[unit!]!;
}
