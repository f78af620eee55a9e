import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { workflowRunId } from '@runcast/dialects';
import { LEVELS } from '@runcast/run-events';
import { principalOf, Requires, type TicketBounds } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Feeds } from '../stream/feeds.ts';
import { requireId } from '../stream/feed-request.ts';
import { filledText, id } from '../vendors/fields.ts';
import { readBody } from '../vendors/read-body.ts';
import { TicketOffice } from './ticket-office.ts';

/** As many as one shared socket carries. */
const MAX_FEEDS = 200;
const MAX_TYPES = 64;
const IDS = `an id, or a list of 1 to ${MAX_FEEDS} ids`;

const ids = z.union([id.transform((one) => [one]), z.array(id).min(1).max(MAX_FEEDS)], IDS);
export const body = z
  .strictObject({
    run: ids.optional(),
    session: ids.optional(),
    flow: id.optional(),
    types: z.array(filledText, 'a list of event types').min(1).max(MAX_TYPES).optional(),
    level: z.enum(LEVELS, `one of ${LEVELS.join(', ')}`).optional(),
  })
  .refine(({ run, session }) => run !== undefined || session !== undefined, {
    path: ['run'],
    error: `${IDS}, or a session`,
  })
  .refine(({ run, flow }) => flow === undefined || run !== undefined, { path: ['run'], error: `the runs of the flow` });

/** Tickets for browsers: their EventSource and WebSocket cannot send headers, and a key in an address stays there. */
@Controller('v1/tickets')
export class TicketsController {
  constructor(
    private readonly office: TicketOffice,
    private readonly feeds: Feeds,
  ) {}

  @Post()
  @HttpCode(201)
  @Requires('read', { limited: true })
  async issue(@Req() request: FastifyRequest) {
    const maker = principalOf(request);
    const bounds = boundsOf(readBody(request, body).value);
    const { tenant } = maker;
    // Now, while there is somebody to tell: a browser shows nothing of why a stream was refused.
    for (const run of bounds.runs) await this.feeds.requireViewable(maker, { kind: 'run', tenant, run });
    for (const session of bounds.sessions) {
      await this.feeds.requireViewable(maker, { kind: 'session', tenant, session });
    }
    const { ticket, expiresAt } = await this.office.issue(maker, bounds);
    return { ticket, expires_at: expiresAt };
  }
}

function boundsOf({ run = [], session = [], flow, types, level }: z.output<typeof body>): TicketBounds {
  const runs = flow === undefined ? run : run.map((runName) => requireId('run', workflowRunId({ flow, runName })));
  return { runs, sessions: session, ...(types && { types }), ...(level && { level }) };
}
