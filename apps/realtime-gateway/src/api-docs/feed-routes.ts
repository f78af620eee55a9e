import { DIALECT_NAMES, LEVELS } from '@runcast/run-events';
import type { RouteDocs } from '@runcast/service-host';
import { z } from 'zod';

const SSE = 'text/event-stream';

const feedQuery = z.object({
  after: z.string().optional().describe('A position; the feed goes on behind it'),
  last_event_id: z.string().optional().describe('The same, for clients that cannot send the header'),
  dialect: z.enum(DIALECT_NAMES).optional().describe('runcast unless told'),
  types: z.string().optional().describe('At most 64 event types, separated by commas'),
  level: z.enum(LEVELS).optional().describe('At least this loud'),
  follow: z.enum(['true', 'false']).optional().describe('Goes on after the end of the run'),
});
const lastEventId = z.object({ 'Last-Event-ID': z.string().optional().describe('A position; wins over `after`') });

const stream = { description: 'The feed: replay, then live', type: SSE };
const finished = { description: 'The run is over and this client holds all of it' };

/** Server-Sent Events of our own. The same addresses take WebSockets, see docs/asyncapi.yaml. */
export const feedRoutes: RouteDocs = {
  'GET /v1/runs/:run/stream': {
    tag: 'Live',
    summary: 'One run, live',
    query: feedQuery,
    headers: lastEventId,
    answers: { 200: stream, 204: finished },
    problems: ['erased'],
  },
  'GET /v1/sessions/:session/stream': {
    tag: 'Live',
    summary: 'One session, live: the runs that joined it, in the order of the log',
    query: feedQuery,
    headers: lastEventId,
    answers: { 200: stream, 204: finished },
  },
};
