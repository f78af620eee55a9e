import { ERASURE_KINDS } from '@runcast/read-models';
import type { RouteDocs } from '@runcast/service-host';
import { z } from 'zod';
import { body as erasureBody } from '../admin/erasures.controller.ts';
import { body as holdBody } from '../admin/holds.controller.ts';

const tag = 'Administration';
const time = z.string().describe('RFC 3339, UTC');
const digest = z.string().describe('SHA-256 in hex');

const erasure = z.looseObject({
  id: z.string(),
  status: z.enum(['pending', 'completed']),
  kind: z.enum(ERASURE_KINDS),
  subject_sha256: digest,
  requested_at: time,
  requested_by: z.string(),
  completed_at: time.optional(),
  receipt: z.looseObject({}).optional().describe('What was removed, and a count of what is left'),
});
const hold = z.looseObject({
  run: z.string().optional(),
  session: z.string().optional(),
  reason: z.string(),
  placed_by: z.string(),
  placed_at: time,
});
const act = z.looseObject({
  number: z.int().min(1),
  at: time,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.looseObject({}),
  previous: z.string(),
  hash: digest,
});
const lines = { 200: { description: 'A header, the events, a trailer', type: 'application/x-ndjson' } };
const waitFor = z.object({ wait_for: z.string().optional().describe('Answers once the tables have come that far') });

/** What is kept, what must go, and who had it done. */
export const adminRoutes: RouteDocs = {
  'POST /v1/erasures': {
    tag,
    summary: 'Has a run, a session or every run of a user erased',
    body: { schema: erasureBody },
    answers: {
      202: { description: 'It is asked for', schema: z.object({ id: z.string(), status: z.literal('pending') }) },
    },
    problems: ['held'],
  },
  'GET /v1/erasures/:erasure': {
    tag,
    summary: 'How far an erasure has come, and its receipt',
    answers: { 200: { description: 'The erasure', schema: erasure } },
    problems: ['not_found'],
  },
  'GET /v1/holds': {
    tag,
    summary: 'What is held',
    answers: { 200: { description: 'All holds of the tenant', schema: z.object({ holds: z.array(hold) }) } },
  },
  ...routesOf('run'),
  ...routesOf('session'),
  'GET /v1/audit': {
    tag,
    summary: 'What administrators did, oldest first',
    query: z.object({
      limit: z.int().min(1).max(200).optional().describe('50 unless told'),
      page_key: z.string().optional().describe('next_page_key of the page before'),
    }),
    answers: {
      200: { description: 'A page', schema: z.object({ acts: z.array(act), next_page_key: z.string().optional() }) },
    },
  },
};

function routesOf(kind: 'run' | 'session'): RouteDocs {
  return {
    [`PUT /v1/${kind}s/:${kind}/hold`]: {
      tag,
      summary: `Keeps a ${kind} from being erased or dropped`,
      body: { schema: holdBody },
      answers: { 204: { description: 'It is held' } },
      problems: ['held'],
    },
    [`DELETE /v1/${kind}s/:${kind}/hold`]: {
      tag,
      summary: `Lifts the hold on a ${kind}`,
      answers: { 204: { description: 'It is lifted' } },
      problems: ['not_found'],
    },
    [`GET /v1/${kind}s/:${kind}/export`]: {
      tag,
      summary: `Everything there is of a ${kind}, as a chain that runcast verify checks`,
      query: waitFor,
      answers: lines,
      problems: ['not_found'],
    },
  };
}
