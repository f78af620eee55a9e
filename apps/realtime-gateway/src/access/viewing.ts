import { isWithin, Problem, requireWithin, type Names, type Principal, type TicketBounds } from '@runcast/service-host';
import { LEVELS, type Level } from '@runcast/run-events';
import type { FeedKey } from '../feeds/topic-hub.ts';
import type { FeedEvent } from '../feeds/topic.ts';
import { passes, type EventFilter } from '../stream/event-filter.ts';

/** What the tables say a run is called; `undefined` while they do not know it. */
export type NamesOfRun = (tenant: string, run: string) => Promise<Names | undefined>;

/**
 * Refuses a feed that its viewer may not watch at all. A run that nobody knows yet may be watched by anybody of its tenant:
 * what it then turns out to be is held against each of its events by {@link isShown}.
 *
 * @throws {Problem} `forbidden`
 */
export async function requireViewable(viewer: Principal, key: FeedKey, namesOf: NamesOfRun): Promise<void> {
  if (viewer.ticket !== undefined && !isNamed(viewer.ticket, key)) {
    throw new Problem('forbidden', { detail: `The ticket was not given out for this ${key.kind}.` });
  }
  if (viewer.limits === undefined) return;
  if (key.kind === 'session') return requireWithin(onlySessions(viewer), { session: key.session });
  const names = await namesOf(key.tenant, key.run);
  if (names !== undefined) requireWithin(viewer, names);
}

/**
 * Whether an event of a feed is for this viewer: it passes the filter, and lies within a ticket and within limits. `undefined`
 * for one who is shown everything, as most are.
 */
export function isShown(
  viewer: Principal,
  key: FeedKey,
  filter: EventFilter,
): ((event: FeedEvent) => boolean) | undefined {
  const narrowed = viewer.ticket === undefined ? filter : narrow(filter, viewer.ticket);
  // A session's feed holds what joined that session, whatever else its runs have joined.
  const limits = key.kind === 'session' ? onlyAgents(viewer) : viewer.limits;
  if (limits === undefined) {
    const passesAll = narrowed.types === undefined && narrowed.level === undefined;
    return passesAll ? undefined : (event) => passes(narrowed, event);
  }
  return (event) => passes(narrowed, event) && isWithin(limits, { ...event.known, ...named(event) });
}

function isNamed({ runs, sessions }: TicketBounds, key: FeedKey): boolean {
  return key.kind === 'run' ? runs.includes(key.run) : sessions.includes(key.session);
}

/** Both filters at once. */
function narrow(filter: EventFilter, { types, level }: TicketBounds): EventFilter {
  const both = filter.types && types ? types.filter((type) => filter.types?.has(type)) : (types ?? filter.types);
  const louder = loudest(filter.level, level);
  return { ...(both && { types: new Set(both) }), ...(louder && { level: louder }) };
}

function loudest(one: Level | undefined, other: Level | undefined): Level | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return LEVELS.indexOf(one) > LEVELS.indexOf(other) ? one : other;
}

function onlySessions({ limits }: Principal): Pick<Principal, 'limits'> {
  return limits?.sessions === undefined ? {} : { limits: { sessions: limits.sessions } };
}

function onlyAgents({ limits }: Principal): Principal['limits'] {
  return limits?.agents === undefined ? undefined : { agents: limits.agents };
}

function named({ agent, session }: FeedEvent): Names {
  return { ...(agent !== undefined && { agent }), ...(session !== undefined && { session }) };
}
