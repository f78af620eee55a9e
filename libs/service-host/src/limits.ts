import { Problem } from './problem.ts';
import type { Limits } from './principal.ts';

/** Whose an event or a run is, as far as it says so. */
export interface Names {
  readonly agent?: string | undefined;
  readonly session?: string | undefined;
}

/** Whether something with these names lies within the limits. What names nobody lies outside of any limit on names. */
export function isWithin(limits: Limits | undefined, { agent, session }: Names): boolean {
  return isAmong(limits?.agents, agent) && isAmong(limits?.sessions, session);
}

/** @throws {Problem} `forbidden` saying what the credential is limited to */
export function requireWithin({ limits }: { readonly limits?: Limits | undefined }, names: Names): void {
  if (!isAmong(limits?.agents, names.agent)) throw outside('agents', limits!.agents!);
  if (!isAmong(limits?.sessions, names.session)) throw outside('sessions', limits!.sessions!);
}

function isAmong(allowed: readonly string[] | undefined, name: string | undefined): boolean {
  return allowed === undefined || (name !== undefined && allowed.includes(name));
}

const SHOWN = 5;

function outside(what: 'agents' | 'sessions', allowed: readonly string[]): Problem {
  const more = allowed.length > SHOWN ? ', …' : '';
  const named = allowed.slice(0, SHOWN).map((name) => JSON.stringify(name));
  return new Problem('forbidden', {
    detail: `The credential is limited to the ${what} ${named.join(', ')}${more}.`,
  });
}
