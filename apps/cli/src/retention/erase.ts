import { setTimeout as delay } from 'node:timers/promises';
import { shardOf } from '@runcast/event-log';
import { compactTables, ERASURE_KINDS, getErasure, requestErasure, type Erasure } from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { actorOf } from '../actor.ts';
import { UserError } from '../errors.ts';
import { logOptionsOf } from '../log-options.ts';
import { withDatabase } from './retention.ts';

export interface EraseRequest {
  readonly tenant: string;
  readonly run?: string;
  readonly session?: string;
  readonly user?: string;
  /** Rewrites the tables concerned afterwards, so that their files hold nothing of it either. */
  readonly compact: boolean;
}

const LOOK_EVERY_MS = 200;
const PATIENCE_MS = 10 * 60_000;

/** `runcast erase`: asks for an erasure, waits until the projector has carried it out, and prints its receipt. */
export async function erase(request: EraseRequest, host: NodeJS.Process): Promise<number> {
  const { tenant, compact } = request;
  if (!isId(tenant)) throw new UserError(`--tenant: expected ${ID_EXPECTED}`);
  const [kind, ...others] = ERASURE_KINDS.filter((one) => request[one] !== undefined);
  if (kind === undefined || others.length > 0) throw new UserError('expected exactly one of --run, --session, --user');
  const { shards } = logOptionsOf({ NATS_URL: 'nats://not-needed', ...host.env }, 'erase');
  const what = { tenant, shard: shardOf(tenant, shards), kind, subject: request[kind]!, actor: actorOf() };
  return withDatabase(host, async (database) => {
    const asked = await requestErasure(database, what);
    if (asked.outcome === 'held')
      throw new UserError(`Legal holds keep ${asked.runs} of the runs. Nothing was erased.`);
    const erasure = await completed(() => getErasure(database, { tenant, id: asked.id }));
    if (compact) await compactTables(database);
    host.stdout.write(
      `${JSON.stringify({ id: erasure.id, completedAt: erasure.completedAt, ...erasure.receipt }, null, 2)}\n`,
    );
    return 0;
  });
}

async function completed(look: () => Promise<Erasure | undefined>): Promise<Erasure> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(LOOK_EVERY_MS)) {
    const erasure = await look();
    if (erasure?.completedAt !== undefined) return erasure;
  }
  throw new UserError('The erasure is asked for and not complete yet: is a projector running? It goes on by itself.');
}
