import { agentOsEventSchema, runcastEventSchema } from '@runcast/dialects';
import { MAX_APPEND_EVENTS } from '@runcast/event-log';
import { DIALECT_NAMES } from '@runcast/run-events';
import type { ApiDescription, RouteDocs } from '@runcast/service-host';
import { z } from 'zod';

const id = z.string().min(1).describe('1 to 128 bytes of UTF-8');
const position = z.string().describe('Where the event stands in the log');
const fieldProblems = z.array(z.object({ field: z.string(), expected: z.string(), found: z.string().optional() }));
const idempotencyKey = z.object({
  'Idempotency-Key': id.optional().describe('Names an event that has no id of its own'),
});

const accepted = z.object({
  accepted: z.literal(true),
  event_id: id,
  run_id: id,
  position,
  duplicate: z.boolean(),
});
const result = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['stored', 'duplicate']), event_id: id, run_id: id, position, duplicate: z.boolean() }),
  z.object({ status: z.literal('conflict'), event_id: id, run_id: id, position }),
  z.object({ status: z.literal('erased') }),
  z.object({ status: z.enum(['invalid', 'too_large']), errors: fieldProblems }),
]);
const results = z.object({ results: z.array(result) });
const rules = z.object({ rules: z.looseObject({}), changed_at: z.string().nullable() });

const routes: RouteDocs = {
  'POST /v1/events': {
    tag: 'Ingest',
    summary: `Stores one event, or 1 to ${MAX_APPEND_EVENTS}: an array, or one a line`,
    query: z.object({
      dialect: z.enum(DIALECT_NAMES).optional().describe('The format of the body; runcast unless told'),
      run: id.optional().describe('For events whose format has no place for it'),
      session: id.optional().describe('The same'),
      agent: id.optional().describe('The same'),
      flow: id.optional().describe('The same'),
    }),
    headers: idempotencyKey,
    body: {
      schema: z.union([runcastEventSchema, z.array(runcastEventSchema).min(1).max(MAX_APPEND_EVENTS)]),
      types: ['application/json', 'application/x-ndjson'],
    },
    answers: {
      202: { description: 'All of it is on disk', schema: z.union([accepted, results]) },
      207: { description: 'At least one event of several was not taken', schema: results },
    },
    problems: ['invalid_event', 'event_conflict', 'erased', 'overloaded'],
  },
  'POST /api/ingest': {
    tag: 'Ingest',
    summary: 'The SDK ingest of agent-os: one event',
    headers: idempotencyKey,
    body: { schema: agentOsEventSchema },
    answers: { 202: { description: 'It is on disk', schema: accepted } },
    problems: ['invalid_event', 'event_conflict', 'erased', 'rate_limited', 'overloaded'],
  },
  'POST /v1/redaction/preview': {
    tag: 'Redaction',
    summary: "What would become of an event, by the tenant's rules or by those sent along; nothing is stored",
    body: { schema: z.object({ event: z.unknown(), rules: z.looseObject({}).optional() }) },
    answers: {
      200: {
        description: 'The event without its secrets, and where they were',
        schema: z.object({ event: z.unknown(), redacted: z.array(z.string()) }),
      },
    },
  },
  'GET /v1/redaction/rules': {
    tag: 'Redaction',
    summary: "The tenant's rules",
    answers: { 200: { description: 'The rules', schema: rules } },
  },
  'PUT /v1/redaction/rules': {
    tag: 'Redaction',
    summary: "Replaces the tenant's rules",
    body: { schema: z.looseObject({}) },
    answers: { 200: { description: 'The rules as they are now', schema: rules } },
  },
};

export const api: ApiDescription = {
  title: 'Runcast ingest gateway',
  description: 'Takes run events in. A 2xx means: stored on disk, on a quorum where there are replicas.',
  routes,
};
