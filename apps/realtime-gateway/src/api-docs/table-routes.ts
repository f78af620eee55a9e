import { shownEventSchema } from '@runcast/dialects';
import { DIALECT_NAMES, LEVELS, RUN_STATUSES } from '@runcast/run-events';
import type { RouteDocs } from '@runcast/service-host';
import { z } from 'zod';

const id = z.string();
const time = z.string().describe('RFC 3339, UTC, microseconds');
const position = z.string().describe('Where it stands in the log');
const count = z.int().min(0);

const run = z.looseObject({
  id,
  status: z.enum(RUN_STATUSES),
  status_reason: z.string().optional(),
  attempt: z.int().min(1),
  agent: id.optional(),
  flow: id.optional(),
  session: id.optional(),
  framework: z.string().optional(),
  model: z.string().optional(),
  started_at: time,
  ended_at: time.optional(),
  duration_ms: z.number().min(0).optional(),
  last_event_at: time,
  event_count: count,
  step_count: count,
  tool_call_count: count,
  llm_call_count: count,
  error_count: count,
  usage: z.object({ input_tokens: count, output_tokens: count, total_tokens: count, cost_usd: z.number() }),
  position,
});
const session = z.looseObject({
  id,
  agent: id.optional(),
  run_count: count,
  event_count: count,
  first_event_at: time,
  last_event_at: time,
  last_activity_at: time.optional(),
  position,
});
const events = z.object({
  events: z.array(z.union([shownEventSchema, z.looseObject({})])).describe('In the form of the dialect'),
  next_after: position.optional(),
});

const waitFor = { wait_for: position.optional().describe('Answers once the tables have come that far') };
const pages = {
  limit: z.int().min(1).max(200).optional().describe('50 unless told'),
  page_key: z.string().optional().describe('next_page_key of the page before, for the same filters'),
  ...waitFor,
};
const eventQuery = {
  after: position.optional().describe('The page begins behind it'),
  limit: z.int().min(1).max(1_000).optional().describe('100 unless told'),
  types: z.string().optional().describe('Event types, separated by commas'),
  dialect: z.enum(DIALECT_NAMES).optional(),
  level: z.enum(LEVELS).optional().describe('At least this loud'),
  ...waitFor,
};
const nextPage = { next_page_key: z.string().optional() };

/** Lists and single resources, from the tables. */
export const tableRoutes: RouteDocs = {
  'GET /v1/runs': {
    tag: 'Runs',
    summary: 'Runs, newest first',
    query: z.object({
      status: z.enum(RUN_STATUSES).optional(),
      agent: id.optional(),
      session: id.optional(),
      q: z.string().optional().describe('A text that occurs in the run'),
      started_after: time.optional(),
      started_before: time.optional(),
      ...pages,
    }),
    answers: { 200: { description: 'A page', schema: z.object({ runs: z.array(run), ...nextPage }) } },
  },
  'GET /v1/runs/:run': {
    tag: 'Runs',
    summary: 'One run, with input and output',
    query: z.object(waitFor),
    answers: { 200: { description: 'The run', schema: run } },
    problems: ['not_found'],
  },
  'GET /v1/runs/:run/events': {
    tag: 'Runs',
    summary: 'The events of a run, oldest first',
    query: z.object(eventQuery),
    answers: { 200: { description: 'A page', schema: events } },
    problems: ['not_found', 'gone'],
  },
  'GET /v1/sessions': {
    tag: 'Sessions',
    summary: 'Sessions, newest first',
    query: z.object({ agent: id.optional(), ...pages }),
    answers: { 200: { description: 'A page', schema: z.object({ sessions: z.array(session), ...nextPage }) } },
  },
  'GET /v1/sessions/:session': {
    tag: 'Sessions',
    summary: 'One session with its newest 100 runs',
    query: z.object(waitFor),
    answers: { 200: { description: 'The session', schema: session.extend({ runs: z.array(run) }) } },
    problems: ['not_found'],
  },
  'GET /v1/sessions/:session/events': {
    tag: 'Sessions',
    summary: 'The events of its runs since each joined, in the order of the log',
    query: z.object(eventQuery),
    answers: { 200: { description: 'A page', schema: events } },
    problems: ['not_found', 'gone'],
  },
};
