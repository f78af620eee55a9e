import { DIALECT_NAMES } from '@runcast/run-events';
import type { RouteDocs } from '@runcast/service-host';
import { z } from 'zod';
import { answerSchema } from '../rest/human-input.controller.ts';

const count = z.int().min(0);
const position = z.string().describe('Where it stands in the log');
const waitFor = { wait_for: position.optional().describe('Answers once the tables have come that far') };
const byStatus = { running: count, waiting_for_input: count, success: count, error: count };

const question = z.object({
  id: z.string(),
  position,
  asked_at: z.string(),
  question: z.string(),
  context: z.unknown().optional(),
  channel: z.string().optional(),
  request_id: z.string().optional(),
  expires_at: z.string().optional(),
});
const answer = z.object({
  id: z.string(),
  position,
  answered_at: z.string(),
  response: z.unknown(),
  responded_by: z.string().optional(),
  key_id: z.string().optional(),
});

/** What people ask who look at many runs, and what they answer one. */
export const overviewRoutes: RouteDocs = {
  'GET /v1/runs/:run/events.ndjson': {
    tag: 'Runs',
    summary: 'All events of a run, a line each, to be kept',
    query: z.object({ dialect: z.enum(DIALECT_NAMES).optional(), ...waitFor }),
    answers: { 200: { description: 'The events', type: 'application/x-ndjson' } },
    problems: ['not_found'],
  },
  'GET /v1/runs/:run/input': {
    tag: 'Runs',
    summary: 'What a run asked people last, and the first answer to it',
    query: z.object(waitFor),
    answers: {
      200: {
        description: 'The question, where there is one',
        schema: z.object({ waiting: z.boolean(), question: question.optional(), answer: answer.optional() }),
      },
    },
    problems: ['not_found'],
  },
  'POST /v1/runs/:run/input': {
    tag: 'Runs',
    summary: 'Answers the question of a run that waits; the first answer wins',
    body: { schema: answerSchema },
    answers: {
      202: {
        description: 'Stored; the same answer again is a duplicate',
        schema: z.object({ accepted: z.literal(true), run_id: z.string(), position, duplicate: z.boolean() }),
      },
    },
    problems: ['invalid_request', 'not_found', 'not_waiting', 'gone'],
  },
  'GET /v1/run-changes': {
    tag: 'Live',
    summary: 'Which runs change: what keeps an open list true',
    answers: { 200: { description: 'Events `runs` and `many`', type: 'text/event-stream' } },
  },
  'GET /v1/run-counts': {
    tag: 'Runs',
    summary: 'How many runs began when, by the status that they have now',
    query: z.object({
      minutes: z.int().min(1).max(10_080).optional().describe('60 unless told'),
      buckets: z.int().min(1).max(240).optional().describe('60 unless told'),
    }),
    answers: {
      200: {
        description: 'The buckets in which a run began',
        schema: z.object({
          bucket_ms: z.number(),
          is_cut: z.boolean(),
          buckets: z.array(
            z
              .object({ from: z.string(), ...byStatus })
              .partial()
              .required({ from: true }),
          ),
        }),
      },
    },
  },
  'GET /v1/agents': {
    tag: 'Runs',
    summary: 'The agents by name, each with its newest 500 runs summed up',
    query: z.object({
      limit: z.int().min(1).max(100).optional().describe('50 unless told'),
      after: z.string().optional().describe('The name of an agent'),
    }),
    answers: {
      200: {
        description: 'A page',
        schema: z.object({
          agents: z.array(
            z.object({
              id: z.string(),
              run_count: count,
              by_status: z.object(byStatus),
              total_tokens: count,
              cost_usd: z.number(),
              median_duration_ms: z.number().optional(),
              last_event_at: z.string(),
            }),
          ),
          next_after: z.string().optional(),
        }),
      },
    },
  },
  'GET /v1/clock': {
    tag: 'Live',
    summary: "The gateway's clock, for who shows how old an event was when it reached a screen",
    answers: { 200: { description: 'Now', schema: z.object({ now_ms: z.number() }) } },
  },
};
