import { SCOPES, type RouteDocs } from '@runcast/service-host';
import { z } from 'zod';
import { body as keyBody } from '../access/keys.controller.ts';
import { body as ticketBody } from '../access/tickets.controller.ts';

const time = z.string().describe('RFC 3339, UTC');
const names = z.array(z.string()).nullish().describe('The only ones it may send, start, list or watch');

const key = z.looseObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  agents: names,
  sessions: names,
  created_at: time,
  last_used_at: time.nullish(),
  revoked_at: time.nullish(),
});

/** Who may do what. */
export const accessRoutes: RouteDocs = {
  'POST /v1/tickets': {
    tag: 'Access',
    summary: 'A ticket that opens one stream once, for browsers, which cannot send headers there',
    body: { schema: ticketBody },
    answers: { 201: { description: 'The ticket', schema: z.object({ ticket: z.string(), expires_at: time }) } },
    problems: ['not_found'],
  },
  'POST /v1/views': {
    tag: 'Access',
    summary: 'What a page takes for a ticket: shows the same, over as many connections as it needs, for an hour',
    answers: {
      201: {
        description: 'The view, and what it shows',
        schema: z.object({
          view: z.string(),
          expires_at: time,
          runs: z.array(z.string()),
          sessions: z.array(z.string()),
        }),
      },
    },
  },
  'GET /v1/keys': {
    tag: 'Access',
    summary: "The keys of the caller's tenant",
    answers: { 200: { description: 'All of them', schema: z.object({ keys: z.array(key) }) } },
  },
  'POST /v1/keys': {
    tag: 'Access',
    summary: 'Makes a key',
    body: { schema: keyBody },
    answers: {
      201: {
        description: 'The key, shown this once',
        schema: z.looseObject({ id: z.string(), key: z.string(), prefix: z.string() }),
      },
    },
  },
  'DELETE /v1/keys/:key': {
    tag: 'Access',
    summary: 'Revokes a key and closes what it has open',
    answers: { 204: { description: 'It is revoked' } },
    problems: ['not_found'],
  },
};
