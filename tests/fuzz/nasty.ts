import { DIALECT_NAMES } from '@runcast/run-events';
import fc from 'fast-check';

/** Texts that have broken somebody's parser, store, log or terminal. */
const NASTY = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '*',
  '>',
  'evt.>',
  'a.b',
  '$SYS.>',
  '\u0000',
  'a\u0000b',
  '\r\nx-injected: 1',
  '\u001b[2J',
  '\u202egnp.exe',
  '\ud800',
  '\udfff\ud800',
  'é'.normalize('NFD'),
  '💥'.repeat(32),
  'x'.repeat(129),
  'x'.repeat(5_000),
  '%',
  '%00',
  '%2e%2e%2f',
  '%ff',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '1e400',
  '99999999999999999999',
  "' OR 1=1 --",
  "'; DROP TABLE event; --",
  '$1',
  '{{7*7}}',
  '<script>alert(1)</script>',
  'shared',
  'rival',
  '0.000000000000.1',
  '0.0.0',
  '9.x.99999999999999999999',
  '0.b9d85ff4816c.-1',
  'eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJyaXZhbCIsInNjb3BlIjoicmVhZCJ9.',
  'eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2V0Yy9wYXNzd2QifQ.eyJ0ZW5hbnQiOiJyaXZhbCJ9.c2ln',
];

export const nastyText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

/** An id that is there, in both tenants, or anything. */
const id = fc.oneof({ weight: 3, arbitrary: fc.constant('shared') }, { weight: 2, arbitrary: nastyText });

const nastyValue = fc.oneof(
  nastyText,
  fc.constantFrom(null, true, 0, -1, 1e308, 2 ** 53, [], {}, [[[]]], '2026-02-30T00:00:00Z', 'infinity'),
  fc.jsonValue({ maxDepth: 4 }),
);

const TYPES = ['run.started', 'run.completed', 'run.failed', 'tool-call.completed', 'usage.reported', 'note.taken'];
const NAMES = ['type', 'run', 'id', 'session', 'agent', 'flow', 'level', 'occurred_at', 'data', 'event', 'event_type'];
const OTHER_NAMES = [
  'sdk_run_id',
  'payload',
  'messages',
  'runId',
  'threadId',
  'agent_id',
  'message',
  'flow_name',
  'run_name',
];

/** Right, and full of texts that have broken others. */
const storableEvent = fc.record({
  type: fc.constant('note.taken'),
  run: fc.constantFrom('shared', 'r1', 'r2'),
  data: fc.dictionary(nastyText, nastyValue, { maxKeys: 5 }),
});

/** Nearly right, so that what is wrong gets as deep as it can. */
const wrongEvent = fc
  .tuple(
    fc.record(
      { type: fc.oneof(fc.constantFrom(...TYPES), nastyText), run: id, data: nastyValue },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.constantFrom(...NAMES, ...OTHER_NAMES, '__proto__'), nastyValue, { maxKeys: 6 }),
  )
  .map(([event, more]) => ({ ...event, ...more }));

export const nastyEvent = fc.oneof(wrongEvent, storableEvent);

const BROKEN = [
  '{',
  '[',
  '[{}',
  '{"a":}',
  '{"type":"x","run":"r"}}',
  '"text"',
  '1',
  'null',
  '[[]]',
  '[,]',
  '\ufeff{}',
  '['.repeat(10_000),
  '{"a":'.repeat(5_000),
  `{"type":"x","run":"r","data":${'[1,'.repeat(70)}1${']'.repeat(70)}}`,
  '{"type":"x","type":"y","run":"r"}',
  '{"type":"x","run":"r","data":{"n":1e999999}}',
  '{"type":"x","run":"r","data":{"\\ud800":"\\udfff\\u0000"}}',
];

export const nastyBody = fc.oneof(
  { weight: 5, arbitrary: nastyEvent.map((event) => JSON.stringify(event)) },
  { weight: 2, arbitrary: fc.array(nastyEvent, { maxLength: 5 }).map((events) => JSON.stringify(events)) },
  {
    weight: 1,
    arbitrary: fc.array(nastyEvent, { maxLength: 4 }).map((events) => events.map((e) => JSON.stringify(e)).join('\n')),
  },
  { weight: 2, arbitrary: fc.constantFrom(...BROKEN) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);

/** Every address, with the method it takes. */
const PATHS = {
  ingestUrl: [
    'POST /v1/events',
    'POST /v1/events',
    'POST /v1/events',
    'POST /api/ingest',
    'POST /v1/redaction/preview',
    'PUT /v1/redaction/rules',
    'GET /version',
    'GET /health/ready',
    'GET /:id',
  ],
  realtimeUrl: [
    'GET /v1/runs',
    'GET /v1/runs/:id',
    'GET /v1/runs/:id/events',
    'GET /v1/runs/:id/stream',
    'GET /v1/sessions',
    'GET /v1/sessions/:id',
    'GET /v1/sessions/:id/events',
    'GET /v1/sessions/:id/stream',
    'POST /v1/tickets',
    'POST /v1/agents/:id/ag-ui',
    'GET /api/v1/sessions/:id/live',
    'POST /api/v1/sessions/:id/cancel',
    'POST /api/v2/agents/:id/stream',
    'POST /v3/inference/chat',
    'POST /v3/inference/stream',
    'POST /run-dag/',
    'GET /run-dag/:id',
    'GET /task-status/:id',
    'POST /v2/agents/:id/sessions/:id/events',
    'GET /v2/agents/:id/sessions/:id/events/:id',
    'POST /v2/agents/:id/sessions/:id/events/:id/hide',
    'GET /:id/:id',
  ],
} as const;

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

export type Base = keyof typeof PATHS;
/** Whose key a request shows, or what it shows in its place. */
export type Credential = 'demo' | 'rival' | 'none' | { readonly bearer: string };

export interface NastyRequest {
  readonly base: Base;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential;
  readonly body: string | undefined;
}

/** Mostly with the method that the address takes: a refusal for the method alone is soon known. */
const target = (base: Base) =>
  fc
    .tuple(
      fc.constantFrom(...PATHS[base]),
      fc.array(id, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD') },
      ),
    )
    .map(([entry, ids, raw, other]) => {
      const [own, pattern] = entry.split(' ') as [string, string];
      let next = 0;
      const path = pattern.replace(/:id/g, () => (raw ? asPathText(ids[next++]!) : encode(ids[next++]!)));
      return { path, method: other ?? own };
    });

const query = fc
  .array(fc.tuple(fc.constantFrom(...QUERY, ...MORE_QUERY), queryValue), { maxLength: 3 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${encode(value)}`).join('&'));

const TYPES_OF_BODY = [...Array<string>(6).fill('application/json'), 'application/x-ndjson', 'text/plain', 'x/y'];

const headers = fc.dictionary(
  fc.constantFrom(
    'idempotency-key',
    'last-event-id',
    'origin',
    'content-encoding',
    'accept',
    'traceparent',
    'x-request-id',
  ),
  nastyText.map((text) => text.replace(/[^\t -~]/g, '?')),
  { maxKeys: 2 },
);

const credential: fc.Arbitrary<Credential> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Credential>('demo') },
  { weight: 2, arbitrary: fc.constantFrom<Credential>('rival', 'none') },
  { weight: 1, arbitrary: nastyText.map((text): Credential => ({ bearer: text.replace(/[^ -~]/g, '?') })) },
);

export const nastyRequest: fc.Arbitrary<NastyRequest> = fc
  .constantFrom<Base>('ingestUrl', 'ingestUrl', 'realtimeUrl', 'realtimeUrl', 'realtimeUrl')
  .chain((base) =>
    fc
      .record({
        base: fc.constant(base),
        target: fc
          .tuple(target(base), query)
          .map(([at, search]) => (search === '' ? at : { ...at, path: `${at.path}?${search}` })),
        headers: fc
          .tuple(headers, fc.constantFrom(...TYPES_OF_BODY))
          .map(([some, type]) => ({ ...some, 'content-type': type })),
        credential,
        body: fc.option(nastyBody, { nil: undefined, freq: 4 }),
      })
      .map(({ target: { method, path }, ...request }) => ({
        ...request,
        method,
        path,
        body: ['GET', 'HEAD', 'OPTIONS'].includes(method) ? undefined : request.body,
      })),
  );

/** What a client may put on the shared socket. */
export const nastyFrame = fc.oneof(
  fc
    .record(
      {
        action: fc.oneof(fc.constantFrom('subscribe', 'unsubscribe', 'ping', 'refresh'), nastyText),
        subscription: id,
        run: id,
        session: id,
        after: nastyText,
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

/** As raw as a request line can be: what would end it is taken out. */
function asPathText(text: string): string {
  return text.replace(/[^!-~]/g, '').replace(/[?#]/g, '');
}
