import type { RouteDocs } from '@runcast/service-host';
import { z } from 'zod';
import { body as agUiBody } from '../vendors/ag-ui/ag-ui.controller.ts';
import { body as inferenceBody } from '../vendors/lyzr-agent/inference.controller.ts';
import { body as workflowBody } from '../vendors/lyzr-workflow/workflows.controller.ts';
import { body as inputBody } from '../vendors/vectara/input.controller.ts';
import { body as agentStreamBody } from '../vendors/zihin/agent-stream.controller.ts';

const SSE = 'text/event-stream';

const zihinError = z.looseObject({ error: z.string(), message: z.string(), status: z.literal('error') });
const vectaraError = z.looseObject({ code: z.string(), messages: z.array(z.string()), request_id: z.string() });
const lyzrError = z.looseObject({ detail: z.string() });

const vectaraEvent = z.looseObject({ id: z.string(), type: z.string() });
const listed = { 200: { description: 'The event', schema: vectaraEvent } };
const gone = { 204: { description: 'It is no longer listed' } };
const vectara = { tag: 'Vectara', errorForm: vectaraError, problems: ['not_found'] } as const;
const requestTimeout = z.object({
  'Request-Timeout': z.int().min(1).optional().describe('How long the answer may take, in seconds'),
  'Request-Timeout-Millis': z.int().min(1).optional().describe('The same in milliseconds'),
});
const lyzr = { tag: 'Lyzr', errorForm: lyzrError } as const;

const SESSION = '/v2/agents/:agentKey/sessions/:sessionKey';

/** The endpoints of other vendors, as their clients know them. */
export const vendorRoutes: RouteDocs = {
  'POST /v1/agents/:agent/ag-ui': {
    tag: 'AG-UI',
    summary: 'Runs an agent and streams AG-UI events',
    query: z.object({ after: z.string().optional().describe('A position; goes on behind it') }),
    body: { schema: agUiBody },
    answers: { 200: { description: 'The events of the run', type: SSE }, 204: { description: 'The run is over' } },
    problems: ['not_found', 'event_conflict', 'erased', 'overloaded'],
  },
  'POST /api/v2/agents/:agentId/stream': {
    tag: 'Zihin',
    summary: 'Runs an agent and streams what it does',
    body: { schema: agentStreamBody },
    answers: { 200: { description: 'The stream, to `data: [DONE]`', type: SSE } },
    problems: ['overloaded'],
    errorForm: zihinError,
  },
  'POST /api/v1/sessions/:id/cancel': {
    tag: 'Zihin',
    summary: 'Cancels an execution, or all that is under way in a session',
    answers: {
      200: {
        description: 'What was cancelled',
        schema: z.object({ status: z.literal('success'), id: z.string(), cancelled: z.array(z.string()) }),
      },
    },
    problems: ['not_found', 'overloaded'],
    errorForm: zihinError,
  },
  'GET /api/v1/sessions/:executionId/live': {
    tag: 'Zihin',
    summary: 'One execution live: a snapshot, then its events',
    query: z.object({ last_event_id: z.string().optional() }),
    answers: { 200: { description: 'The stream', type: SSE }, 204: { description: 'The run is over' } },
    errorForm: zihinError,
    problems: ['erased'],
  },
  'POST /v3/inference/chat': {
    ...lyzr,
    summary: 'Runs an agent and answers when it is done',
    body: { schema: inferenceBody },
    answers: {
      200: { description: 'The answer', schema: z.looseObject({ response: z.unknown(), session_id: z.string() }) },
      504: { description: 'No answer in time; the run goes on', schema: lyzrError },
    },
    problems: ['not_found', 'overloaded'],
  },
  'POST /v3/inference/stream': {
    ...lyzr,
    summary: 'Runs an agent and streams its text',
    body: { schema: inferenceBody },
    answers: { 200: { description: 'Bare text, to `data: [DONE]`', type: SSE } },
    problems: ['not_found', 'overloaded'],
  },
  'POST /run-dag': {
    ...lyzr,
    summary: 'Starts a workflow, which is stored until somebody runs it',
    body: { schema: workflowBody },
    answers: {
      200: {
        description: 'It is stored',
        schema: z.object({
          status: z.literal('processing'),
          task_id: z.string(),
          flow_name: z.string(),
          run_name: z.string(),
        }),
      },
    },
    problems: ['overloaded'],
  },
  'GET /task-status/:taskId': {
    ...lyzr,
    summary: 'What has become of a workflow',
    answers: {
      200: {
        description: 'Its status',
        schema: z.looseObject({ status: z.enum(['processing', 'completed', 'failed']), task_id: z.string() }),
      },
    },
    problems: ['not_found'],
  },
  [`GET ${SESSION}/events`]: {
    ...vectara,
    summary: "A session's events in pages",
    query: z.object({
      limit: z.int().min(1).max(100).optional().describe('20 unless told'),
      page_key: z.string().optional(),
      include_hidden: z.enum(['true', 'false']).optional(),
    }),
    headers: requestTimeout,
    answers: {
      200: {
        description: 'A page',
        schema: z.object({
          events: z.array(vectaraEvent),
          metadata: z.object({ page_key: z.string().optional(), total_count: z.int().min(0) }),
        }),
      },
    },
  },
  [`GET ${SESSION}/events/:eventId`]: {
    ...vectara,
    summary: 'One event of the list, hidden or not',
    headers: requestTimeout,
    answers: listed,
  },
  [`POST ${SESSION}/events`]: {
    ...vectara,
    summary: 'One turn: runs the agent',
    headers: requestTimeout,
    body: { schema: inputBody },
    answers: {
      200: {
        description: 'The events of the turn, or a stream of them',
        schema: z.object({ events: z.array(vectaraEvent) }),
      },
    },
    problems: ['not_found', 'overloaded'],
  },
  [`POST ${SESSION}/events/:eventId/hide`]: { ...vectara, summary: 'Hides an event from the list', answers: listed },
  [`POST ${SESSION}/events/:eventId/unhide`]: { ...vectara, summary: 'Shows it again', answers: listed },
  [`DELETE ${SESSION}/events/:eventId`]: { ...vectara, summary: 'Takes an event out of the list', answers: gone },
  [`DELETE ${SESSION}`]: { ...vectara, summary: 'Takes the session out of the lists', answers: gone },
};
