import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { LeasedBuckets, principalOf, rateLimited, Requires, sayRate } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptedBody, isAccepted } from './event-result.ts';
import { Intake, senderOf } from './intake.ts';
import { MAX_EVENT_BYTES } from './limits.ts';
import { problemOf } from './problems.ts';
import { bodyOf, idempotencyKeyOf } from './request-facts.ts';

/** The SDK ingest of agent-os: one event per request, seven types. */
@Controller()
export class AgentOsController {
  constructor(
    private readonly intake: Intake,
    private readonly rate: LeasedBuckets,
  ) {}

  @Post('api/ingest')
  @HttpCode(202)
  @Requires('ingest', { limited: true, bodyLimitBytes: MAX_EVENT_BYTES })
  async ingest(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const caller = principalOf(request);
    const { perMinute } = this.rate;
    const taken = await this.rate.take(`agent-os ${caller.keyId}`);
    sayRate(reply, perMinute, taken);
    if (!taken.ok) throw rateLimited(`This key may send ${perMinute} requests per minute here.`, perMinute, taken);
    const idempotencyKey = idempotencyKeyOf(request);
    const sender = { ...senderOf(caller), dialect: 'agent-os', intake: 'http', idempotencyKey } as const;
    const result = await this.intake.takeOne(bodyOf(request), sender);
    if (!isAccepted(result)) throw problemOf(result);
    return acceptedBody(result);
  }
}
