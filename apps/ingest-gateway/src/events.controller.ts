import { Controller, Post, Req, Res } from '@nestjs/common';
import { MAX_APPEND_EVENTS } from '@runcast/event-log';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptedBody, isAccepted, resultBody } from './event-result.ts';
import { Intake, senderOf, type Sender } from './intake.ts';
import { MAX_BATCH_BYTES } from './limits.ts';
import { problemOf, unreadable } from './problems.ts';
import { bodyOf, dialectOf, hintsOf, idempotencyKeyOf } from './request-facts.ts';
import { splitBody } from './split-body.ts';

/** Our own ingest: one event or several, in any dialect. */
@Controller()
export class EventsController {
  constructor(private readonly intake: Intake) {}

  @Post('v1/events')
  @Requires('ingest', { limited: true, bodyLimitBytes: MAX_BATCH_BYTES })
  async take(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const sender: Sender = {
      ...senderOf(principalOf(request)),
      dialect: dialectOf(request),
      intake: 'http',
      hints: hintsOf(request),
      ...idempotencyKeyOf(request),
    };
    const body = splitBody(bodyOf(request), request.headers['content-type']);
    if (body.kind === 'unreadable') throw unreadable(body.expected);
    return body.kind === 'single' ? this.takeOne(body.text, sender, reply) : this.takeMany(body.texts, sender, reply);
  }

  private async takeOne(text: string, sender: Sender, reply: FastifyReply) {
    const result = await this.intake.takeOne(text, sender);
    if (!isAccepted(result)) throw problemOf(result);
    reply.code(202);
    return acceptedBody(result);
  }

  /** 207 as soon as one was not taken: somebody who looks at the status alone must not believe that all is stored. */
  private async takeMany(texts: readonly string[], sender: Sender, reply: FastifyReply) {
    if (texts.length === 0 || texts.length > MAX_APPEND_EVENTS) {
      throw unreadable(`1 to ${MAX_APPEND_EVENTS} events`, `${texts.length}`);
    }
    const results = await this.intake.takeMany(texts, sender);
    reply.code(results.every(isAccepted) ? 202 : 207);
    return { results: results.map(resultBody) };
  }
}
