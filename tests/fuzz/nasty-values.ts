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
  ...tokens(),
  `rck_${'A'.repeat(43)}`,
  `rct_${'A'.repeat(43)}`,
];

/** Tokens that say who they are and prove nothing: each in a way that some library once believed. */
function tokens(): string[] {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { tenant: 'rival', scope: 'read ingest invoke admin', iss: 'i', aud: 'a', sub: 'x', exp: 4e9 };
  const headers = [
    { alg: 'None' },
    { alg: 'RS256', kid: "k' OR '1'='1" },
    { alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
    { alg: 'RS256', jku: 'http://127.0.0.1:1/jwks', x5u: 'file:///etc/passwd' },
    { alg: 'HS256', crit: ['exp'], typ: 'JWT' },
    { alg: ['RS256'] },
    {},
  ];
  const good = headers.map((header) => `${part(header)}.${part(claims)}.${part('signature')}`);
  return [
    ...good,
    `${part({ alg: 'RS256' })}.${part({ ...claims, exp: 'never' })}.`,
    'a.b.c',
    '..',
    `${'e30.'.repeat(2_000)}`,
  ];
}

export const nastyText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

/** An id that is there, in both tenants, or anything. */
export const nastyId = fc.oneof({ weight: 3, arbitrary: fc.constant('shared') }, { weight: 2, arbitrary: nastyText });

export const nastyValue = fc.oneof(
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
      { type: fc.oneof(fc.constantFrom(...TYPES), nastyText), run: nastyId, data: nastyValue },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.constantFrom(...NAMES, ...OTHER_NAMES, '__proto__'), nastyValue, { maxKeys: 6 }),
  )
  .map(([event, more]) => ({ ...event, ...more }));

const nastyEvent = fc.oneof(wrongEvent, storableEvent);

/** Bodies and frames that are no JSON, or no JSON that anybody should take. */
export const BROKEN = [
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

/** Positions that are none, of another log, or of none yet. */
export const nastyPosition = fc.oneof(
  nastyText,
  fc.tuple(fc.integer(), fc.nat(), fc.maxSafeInteger()).map((parts) => parts.join('.')),
  fc.constantFrom(
    '0.b9d85ff4816c.0',
    '0.b9d85ff4816c.18446744073709551616',
    '-0.0.0',
    '0.b9d85ff4816c.1\t',
    '00.b.1',
    '1,2',
  ),
);
