import { DIALECT_NAMES } from '@runcast/run-events';
import fc from 'fast-check';
import { BROKEN, nastyBody, nastyId, nastyPosition, nastyText, nastyValue } from './nasty-values.ts';
import { documentedFor, ROUTES, UNROUTED, type Base, type FuzzedRoute } from './routes.ts';

/** Addresses that are nobody's. */
const STRAYS: readonly FuzzedRoute[] = [
  { base: 'ingestUrl', method: 'GET', pattern: '/{id}', statuses: UNROUTED },
  { base: 'realtimeUrl', method: 'GET', pattern: '/v0/{id}/{id}', statuses: UNROUTED },
  { base: 'realtimeUrl', method: 'GET', pattern: '/run-dag/{id}', statuses: UNROUTED },
];

const QUERY = [
  'after',
  'limit',
  'dialect',
  'types',
  'level',
  'follow',
  'page_key',
  'run',
  'session',
  'agent',
  'status',
];
const MORE_QUERY = ['last_event_id', 'started_after', 'x-api-key', 'ticket', 'offset', '__proto__'];
const queryValue = fc.oneof(fc.constantFrom(...DIALECT_NAMES, '1', 'true', 'error', 'run.started'), nastyText);

/** Whose key a request shows, or what it shows in its place. Only the clerk may administer. */
export type Credential = 'demo' | 'rival' | 'clerk' | 'none' | { readonly bearer: string };

export interface NastyRequest {
  readonly base: Base;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential;
  readonly body: string | undefined;
  /** The statuses that may be answered. */
  readonly documented: ReadonlySet<number>;
}

type Target = Pick<NastyRequest, 'base' | 'method' | 'path' | 'documented'>;

/** Mostly with the method that the address takes: a refusal for the method alone is soon known. */
const target: fc.Arbitrary<Target> = fc
  .tuple(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant(ROUTES.find(({ pattern }) => pattern === '/v1/events')!) },
      { weight: 9, arbitrary: fc.constantFrom(...ROUTES) },
      { weight: 1, arbitrary: fc.constantFrom(...STRAYS) },
    ),
    fc.array(nastyId, { minLength: 3, maxLength: 3 }),
    fc.boolean(),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD') },
    ),
  )
  .map(([route, ids, raw, other]) => {
    const method = other ?? route.method;
    const texts = [...ids];
    const path = route.pattern.replace(/\{\w+\}/g, () => (raw ? asPathText : encode)(texts.shift()!));
    const documented = documentedFor(route, method);
    // An id that is empty, or written raw, may be the address of another route, or none.
    const itsOwn = !route.pattern.includes('{') || (!raw && ids.every((text) => text !== ''));
    return { base: route.base, method, path, documented: itsOwn ? documented : new Set([...documented, ...ELSEWHERE]) };
  });

/** Whatever the routes answer that an address may turn out to be. */
const ELSEWHERE: ReadonlySet<number> = new Set([...UNROUTED, 200, 401, 403, 409, 410]);

const query = fc
  .array(fc.tuple(fc.constantFrom(...QUERY, ...MORE_QUERY), queryValue), { maxLength: 3 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${encode(value)}`).join('&'));

const TYPES_OF_BODY = [...Array<string>(6).fill('application/json'), 'application/x-ndjson', 'text/plain', 'x/y'];

const headers = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom(
        ...['idempotency-key', 'origin', 'content-encoding', 'accept', 'traceparent', 'x-request-id', 'if-none-match'],
        ...['x-api-key', 'cookie', 'range', 'upgrade', 'x-forwarded-for', 'x-http-method-override'],
      ),
      nastyText,
      { maxKeys: 2 },
    ),
    fc.option(nastyPosition, { nil: undefined, freq: 3 }),
  )
  .map(([some, position]) => ({ ...some, ...(position !== undefined && { 'last-event-id': position }) }))
  .map((all) => Object.fromEntries(Object.entries(all).map(([name, text]) => [name, asHeaderText(text)])));

const credential: fc.Arbitrary<Credential> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Credential>('demo', 'clerk') },
  { weight: 2, arbitrary: fc.constantFrom<Credential>('rival', 'none') },
  { weight: 1, arbitrary: nastyText.map((text): Credential => ({ bearer: asHeaderText(text) })) },
);

/** What erasures, holds, keys, tickets, rules and answers take, nearly right. */
const nastyOrder = fc
  .dictionary(
    fc.constantFrom(
      ...['run', 'session', 'user', 'reason', 'name', 'scopes', 'agents', 'sessions', 'types', 'level', 'answer'],
      ...[
        'names',
        'allowed_names',
        'enable',
        'disable',
        'prefixes',
        'off',
        'rules',
        'event',
        'question_id',
        'messages',
      ],
    ),
    fc.oneof(
      nastyId,
      fc.array(nastyId, { maxLength: 3 }),
      fc.constantFrom(['read'], ['admin', 'x'], ['email'], true),
      nastyValue,
    ),
    { maxKeys: 4 },
  )
  .map((order) => JSON.stringify(order));

const requestBody = fc.oneof({ weight: 3, arbitrary: nastyBody }, { weight: 2, arbitrary: nastyOrder });

export const nastyRequest: fc.Arbitrary<NastyRequest> = fc
  .record({
    target: fc
      .tuple(target, query)
      .map(([at, search]) => (search === '' ? at : { ...at, path: `${at.path}?${search}` })),
    headers: fc
      .tuple(headers, fc.constantFrom(...TYPES_OF_BODY))
      .map(([some, type]) => ({ ...some, 'content-type': type })),
    credential,
    body: fc.option(requestBody, { nil: undefined, freq: 4 }),
  })
  .map(({ target: at, ...request }) => ({
    ...request,
    ...at,
    body: ['GET', 'HEAD', 'OPTIONS'].includes(at.method) ? undefined : request.body,
  }));

/** How a WebSocket may ask to be opened. */
export interface NastyUpgrade {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const nastyUpgrade: fc.Arbitrary<NastyUpgrade> = fc
  .record({
    pattern: fc.constantFrom('/v1/stream', '/v1/runs/:id/stream', '/v1/sessions/:id/stream', '/ws/:id/:id', '/:id'),
    ids: fc.array(nastyId, { minLength: 2, maxLength: 2 }),
    search: query,
    protocol: fc.option(nastyText.map((text) => `runcast, runcast.ticket.${text}`)),
    headers,
  })
  .map(({ pattern, ids, search, protocol, headers: some }) => {
    const texts = [...ids];
    const path = pattern.replace(/:id/g, () => encode(texts.shift()!));
    const offered = protocol === null ? {} : { 'sec-websocket-protocol': asHeaderText(protocol) };
    return { path: search === '' ? path : `${path}?${search}`, headers: { ...some, ...offered } };
  });

/** A message of the NATS intake: whose, in which format, with what beside it. */
export interface NastyMessage {
  readonly tenant: string;
  readonly dialect: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const nastyMessage: fc.Arbitrary<NastyMessage> = fc.record({
  tenant: nastyText,
  dialect: fc.constantFrom(...DIALECT_NAMES, 'x'),
  body: nastyBody,
  headers: fc.dictionary(
    fc.constantFrom('Idempotency-Key', 'Runcast-run', 'Runcast-session', 'Content-Type', 'traceparent', 'Nats-Msg-Id'),
    nastyText.map(asHeaderText),
    { maxKeys: 2 },
  ),
});

/** What a client may put on the shared socket. */
export const nastyFrame = fc.oneof(
  fc
    .record(
      {
        action: fc.oneof(fc.constantFrom('subscribe', 'unsubscribe', 'ping', 'refresh'), nastyText),
        subscription: nastyId,
        run: nastyId,
        session: nastyId,
        after: nastyPosition,
        token: nastyText,
        dialect: queryValue,
        types: nastyValue,
        follow: nastyValue,
      },
      { requiredKeys: ['action'] },
    )
    .map((frame) => JSON.stringify(frame)),
  fc.constantFrom(...BROKEN.filter((text) => text.length < 16_000)),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** As raw as a header can be: what would end its line is taken out. */
function asHeaderText(text: string): string {
  return text.replace(/[^\t -~]/g, '?');
}

/** As raw as a request line can be: what would end it is taken out. */
function asPathText(text: string): string {
  return text.replace(/[^!-~]/g, '').replace(/[?#]/g, '');
}
