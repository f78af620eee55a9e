import {
  describeFound,
  ID_EXPECTED,
  isId,
  type CanonicalEventType,
  type DialectName,
  type EventData,
  type FieldProblem,
  type JsonObject,
  type Level,
  type RunEvent,
  type Timestamp,
} from '@runcast/run-events';
import { cleanJson } from './clean-json.ts';
import type { DecodeContext, Decoded, WireText } from './dialect.ts';
import { defaultLevel } from './levels.ts';

/** Canonical data on the way to an event: optional members may still be undefined. */
type Draft<D> = { [K in keyof D]: Record<never, never> extends Pick<D, K> ? D[K] | undefined : D[K] };

/** What happened, in our words where we have them, else under `<dialect>.<their type>`. */
export type Fact =
  | { [T in CanonicalEventType]: { readonly type: T; readonly data: Draft<EventData[T]> } }[CanonicalEventType]
  | { readonly type: `${DialectName}.${string}`; readonly data: JsonObject };

/** What a decoder found in the text besides the fact; null and undefined both mean that the text does not say. */
export interface Said {
  readonly id?: string | null | undefined;
  readonly run?: string | null | undefined;
  readonly session?: string | null | undefined;
  readonly agent?: string | null | undefined;
  readonly flow?: string | null | undefined;
  readonly occurredAt?: Timestamp | undefined;
  readonly level?: Level | undefined;
}

/** Where an event comes from, and how its dialect spells the fields a problem may have to name. */
export interface Origin {
  readonly dialect: DialectName;
  readonly wire: WireText;
  readonly context: DecodeContext;
  readonly fields: { readonly run: string; readonly type: string };
}

/** Puts an event together; the problems when an id that nobody checked yet is none. */
export function composeEvent(origin: Origin, fact: { type: string; data: object }, said: Said): Decoded {
  const { dialect, wire, context, fields } = origin;
  const { run, session, agent, flow } = namesOf(said, context);
  const id = said.id ?? context.idempotencyKey;
  const problems: FieldProblem[] = [];
  requireId(problems, fields.run, run ?? null);
  requireId(problems, fields.type, fact.type);
  requireId(problems, 'session', session);
  requireId(problems, 'agent', agent);
  requireId(problems, 'flow', flow);
  requireId(problems, 'Idempotency-Key', id);
  if (problems.length > 0 || run === undefined) return { ok: false, problems };
  const event: RunEvent = {
    id: id ?? derivedId(origin, run, said.occurredAt),
    tenant: context.tenant,
    run,
    ...namedOnly(session, agent, flow),
    type: fact.type,
    level: said.level ?? defaultLevel(fact.type),
    occurredAt: said.occurredAt ?? context.now,
    dialect,
    // Not before the ids were judged: cleaned, two different ids could become one.
    data: cleanJson(compact(fact.data)) as JsonObject,
    raw: wire,
  };
  return { ok: true, event };
}

/** What the event says of itself, else what its path says of it. */
function namesOf(said: Said, { hints = {} }: DecodeContext) {
  return {
    run: said.run ?? hints.run,
    session: said.session ?? hints.session,
    agent: said.agent ?? hints.agent,
    flow: said.flow ?? hints.flow,
  };
}

/**
 * An event that says when it happened is recognised when it is sent again. One that does not gets a new id: two equal
 * ones may both be honest (a loop that runs the same node twice), and losing one would break the first promise.
 */
function derivedId({ dialect, wire, context }: Origin, run: string, occurredAt: Timestamp | undefined): string {
  return occurredAt === undefined ? context.newId() : context.hash(`${dialect}\u0000${run}\u0000${wire}`);
}

/** Undefined is no problem, null is a name that must be given. */
function requireId(problems: FieldProblem[], field: string, id: string | null | undefined): void {
  if (id === undefined || isId(id)) return;
  problems.push({ field, expected: ID_EXPECTED, found: describeFound(id ?? undefined) });
}

/** The names that there are. */
function namedOnly(session?: string, agent?: string, flow?: string): Pick<RunEvent, 'session' | 'agent' | 'flow'> {
  const names: { session?: string; agent?: string; flow?: string } = {};
  if (session !== undefined) names.session = session;
  if (agent !== undefined) names.agent = agent;
  if (flow !== undefined) names.flow = flow;
  return names;
}

/** Without the members that are undefined; as it is when there is none. */
function compact(members: object): JsonObject {
  if (Object.values(members).every((value) => value !== undefined)) return members as JsonObject;
  return Object.fromEntries(Object.entries(members as JsonObject).filter(([, value]) => value !== undefined));
}
