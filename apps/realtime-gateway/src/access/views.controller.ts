import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { principalOf, Problem, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { TicketOffice } from './ticket-office.ts';

/** Views for pages that somebody was sent a link to: a ticket is good once, and a page connects more than once. */
@Controller('v1/views')
export class ViewsController {
  constructor(private readonly office: TicketOffice) {}

  @Post()
  @HttpCode(201)
  @Requires('read', { keyInQuery: true, limited: true })
  async issue(@Req() request: FastifyRequest) {
    const taker = principalOf(request);
    const { ticket: bounds } = taker;
    if (bounds === undefined) {
      throw new Problem('forbidden', {
        detail: 'A view is given for a ticket: send "Authorization: Bearer <ticket>".',
      });
    }
    const { ticket, expiresAt } = await this.office.issueView(taker, bounds);
    return { view: ticket, expires_at: expiresAt, runs: bounds.runs, sessions: bounds.sessions };
  }
}
