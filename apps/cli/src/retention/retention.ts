import {
  clearRetention,
  listRetention,
  MAX_RETENTION_DAYS,
  openDatabase,
  recordAct,
  setRetention,
  type Database,
} from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { actorOf } from '../actor.ts';
import { databaseUrlOf } from '../database-url.ts';
import { UserError } from '../errors.ts';

/** `runcast retention show`: every rule, the one for everybody first. */
export async function showRetention(host: NodeJS.Process): Promise<number> {
  const rules = await withDatabase(host, listRetention);
  if (!rules.some(({ tenant }) => tenant === undefined)) host.stdout.write('everybody  for ever (no rule is set)\n');
  for (const { tenant, days } of rules) {
    host.stdout.write(`${tenant ?? 'everybody'}  ${days === null ? 'for ever' : `${days} days`}\n`);
  }
  return 0;
}

export interface RetentionRequest {
  /** Absent: every tenant without a rule of its own. */
  readonly tenant?: string | undefined;
  /** A number of days, `forever`, or `default`: the rule for everybody. */
  readonly days: string;
}

/** `runcast retention set`: for runs that are first heard of from now on. */
export async function changeRetention(request: RetentionRequest, host: NodeJS.Process): Promise<number> {
  const { tenant } = request;
  if (tenant !== undefined && !isId(tenant)) throw new UserError(`--tenant: expected ${ID_EXPECTED}`);
  const days = readDays(request.days);
  if (days === undefined && tenant === undefined) throw new UserError('--days default: needs --tenant');
  const act = {
    tenant: tenant ?? '',
    actor: actorOf(),
    action: 'retention.set',
    subject: tenant === undefined ? 'everybody' : `tenant ${tenant}`,
    details: { days: days === undefined ? 'default' : days },
  };
  await withDatabase(host, (database) =>
    recordAct(database, act, async (connection) => {
      if (days === undefined) await clearRetention(connection, tenant!);
      else await setRetention(connection, { days, ...(tenant !== undefined && { tenant }) });
    }),
  );
  host.stdout.write('set, for runs that are first heard of from now on\n');
  return 0;
}

/** @throws UserError */
export function readDays(text: string): number | null | undefined {
  if (text === 'forever') return null;
  if (text === 'default') return undefined;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (days >= 1 && days <= MAX_RETENTION_DAYS) return days;
  throw new UserError(`--days: expected a whole number from 1 to ${MAX_RETENTION_DAYS}, "forever" or "default"`);
}

export async function withDatabase<T>(host: NodeJS.Process, work: (database: Database) => Promise<T>): Promise<T> {
  const databaseUrl = databaseUrlOf(host.env);
  const database = openDatabase({
    databaseUrl,
    applicationName: 'runcast cli',
    maxConnections: 1,
    statementMs: 3_600_000,
  });
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
