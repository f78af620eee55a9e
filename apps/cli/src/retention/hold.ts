import { liftHold, listHolds, placeHold, type Held } from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { actorOf } from '../actor.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { withDatabase } from './retention.ts';

/** What is to be held, as the command line names it. */
export interface HoldRequest {
  readonly tenant: string;
  readonly run?: string | undefined;
  readonly session?: string | undefined;
}

const MAX_REASON = 1_000;

/** `runcast hold set`: keeps a run, or every run of a session, from being erased or dropped for its age. */
export async function setHold(
  request: HoldRequest & { readonly reason: string },
  host: NodeJS.Process,
): Promise<number> {
  const held = heldBy(request);
  const { reason } = request;
  if (reason === '' || reason.length > MAX_REASON) {
    throw new UserError(`--reason: expected a text of 1 to ${MAX_REASON} characters`);
  }
  const hold = { ...held, reason, actor: actorOf() };
  const outcome = await withDatabase(host, (database) => placeHold(database, hold));
  if (outcome === 'erasing') throw new UserError(`The ${held.kind} is being erased already. Nothing is held.`);
  host.stdout.write('held, until it is released\n');
  return 0;
}

/** `runcast hold release`. */
export async function releaseHold(request: HoldRequest, host: NodeJS.Process): Promise<number> {
  const held = heldBy(request);
  const lifted = await withDatabase(host, (database) => liftHold(database, { ...held, actor: actorOf() }));
  if (!lifted) throw new UserError(`There is no hold on this ${held.kind}.`);
  host.stdout.write('released; retention and erasures go on with it\n');
  return 0;
}

/** `runcast hold list`: a line for each hold of a tenant, the oldest first. */
export async function showHolds({ tenant }: { readonly tenant: string }, host: NodeJS.Process): Promise<number> {
  const holds = await withDatabase(host, (database) => listHolds(database, idOf('--tenant', tenant)));
  for (const { kind, subject, reason, placedBy, placedAt } of holds) {
    const line = [kind, subject, `since ${placedAt}`, `by ${placedBy}`, reason];
    host.stdout.write(`${line.map(printable).join('  ')}\n`);
  }
  return 0;
}

function heldBy({ tenant, run, session }: HoldRequest): Held {
  if ((run === undefined) === (session === undefined)) {
    throw new UserError('expected exactly one of --run, --session');
  }
  const kind = run === undefined ? 'session' : 'run';
  return { tenant: idOf('--tenant', tenant), kind, subject: idOf(`--${kind}`, (run ?? session)!) };
}

function idOf(option: string, text: string): string {
  if (isId(text)) return text;
  throw new UserError(`${option}: expected ${ID_EXPECTED}`);
}
