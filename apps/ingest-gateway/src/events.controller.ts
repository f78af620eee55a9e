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

  /** Answers by itself: on its way Nest would ask of each answer whether it is a stream, an observable or an error. */
  @Post('v1/events')
  @Requires('ingest', { limited: true, bodyLimitBytes: MAX_BATCH_BYTES })
  take(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { tenant, limits } = senderOf(principalOf(request));
    const sender: Sender = {
      tenant,
      limits,
      dialect: dialectOf(request),
      intake: 'http',
      hints: hintsOf(request),
      idempotencyKey: idempotencyKeyOf(request),
    };
    const body = splitBody(bodyOf(request), request.headers['content-type']);
    if (body.kind === 'unreadable') throw unreadable(body.expected);
    return body.kind === 'single' ? this.takeOne(body.text, sender, reply) : this.takeMany(body.texts, sender, reply);
  }

  private async takeOne(text: string, sender: Sender, reply: FastifyReply): Promise<void> {
    const result = await this.intake.takeOne(text, sender);
    if (!isAccepted(result)) throw problemOf(result);
    void reply.code(202).send(acceptedBody(result));
  }

  /** 207 as soon as one was not taken: somebody who looks at the status alone must not believe that all is stored. */
  private async takeMany(texts: readonly string[], sender: Sender, reply: FastifyReply): Promise<void> {
    if (texts.length === 0 || texts.length > MAX_APPEND_EVENTS) {
      throw unreadable(`1 to ${MAX_APPEND_EVENTS} events`, `${texts.length}`);
    }
    const results = await this.intake.takeMany(texts, sender);
    void reply.code(results.every(isAccepted) ? 202 : 207).send({ results: results.map(resultBody) });
  }
}
