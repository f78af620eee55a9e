import {
  describeFound,
  ID_EXPECTED,
  isId,
  isJsonObject,
  parseJson,
  type FieldProblem,
  type JsonObject,
  type JsonValue,
} from '@runcast/run-events';
import { Problem, type Principal } from '@runcast/service-host';
import type { FeedKey } from '../feeds/topic-hub.ts';
import { readFeedRequest } from './feed-request.ts';
import type { FeedRequest } from './serve-feed.ts';

/** What a client of the shared socket may say. */
export type Command =
  | { readonly action: 'subscribe'; readonly subscription: string; readonly request: FeedRequest }
  | { readonly action: 'unsubscribe'; readonly subscription: string }
  | { readonly action: 'ping' };

export type ReadCommand =
  | { readonly ok: true; readonly command: Command }
  /** `subscription` is what the frame named, where it could be read. */
  | { readonly ok: false; readonly subscription?: string; readonly errors: readonly FieldProblem[] };

const ACTIONS = ['subscribe', 'unsubscribe', 'ping'];

/**
 * Reads one text frame: `{"action":"subscribe","subscription":"a","run":"r1"}` (or `"session"`), with `after`, `dialect`,
 * `types`, `level` and `follow` as in a stream's query; `{"action":"unsubscribe","subscription":"a"}`; `{"action":"ping"}`.
 */
export function readCommand(text: string, viewer: Principal): ReadCommand {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) return refuse('', 'a JSON object with an action');
  const { action, subscription } = parsed.value;
  if (action === 'ping' || parsed.value['type'] === 'ping') return { ok: true, command: { action: 'ping' } };
  if (action !== 'subscribe' && action !== 'unsubscribe')
    return refuse('action', `one of ${ACTIONS.join(', ')}`, action);
  if (!isId(subscription)) return refuse('subscription', ID_EXPECTED, subscription);
  if (action === 'unsubscribe') return { ok: true, command: { action, subscription } };
  return readSubscribe(parsed.value, subscription, viewer);
}

function readSubscribe(frame: JsonObject, subscription: string, viewer: Principal): ReadCommand {
  const key = readKey(frame, viewer.tenant);
  if (key === undefined) {
    return { ok: false, subscription, errors: [{ field: 'run', expected: 'either a run or a session, an id each' }] };
  }
  try {
    const request = readFeedRequest(viewer, key, membersOf(frame), undefined);
    return { ok: true, command: { action: 'subscribe', subscription, request } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ok: false, subscription, errors: error.facts.errors ?? [] };
  }
}

function readKey({ run, session }: JsonObject, tenant: string): FeedKey | undefined {
  if (isId(run) && session === undefined) return { kind: 'run', tenant, run };
  if (isId(session) && run === undefined) return { kind: 'session', tenant, session };
  return undefined;
}

/** The members of a frame in the form of a query: `types` may be a list, `follow` a boolean. */
function membersOf(frame: JsonObject): { get(name: string): string | null } {
  return { get: (name) => (Object.hasOwn(frame, name) ? textOf(frame[name]) : null) };
}

function textOf(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function refuse(field: string, expected: string, found?: unknown): ReadCommand {
  return { ok: false, errors: [{ field, expected, ...(found !== undefined && { found: describeFound(found) }) }] };
}
