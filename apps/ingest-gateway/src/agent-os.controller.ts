import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { acceptedBody, isAccepted } from './event-result.ts';
import { Intake, senderOf } from './intake.ts';
import { MAX_EVENT_BYTES } from './limits.ts';
import { problemOf, tooManyRequests } from './problems.ts';
import { bodyOf, idempotencyKeyOf } from './request-facts.ts';
import { TokenBuckets } from './token-buckets.ts';

/** The SDK ingest of agent-os: one event per request, seven types. */
@Controller()
export class AgentOsController {
  constructor(
    private readonly intake: Intake,
    private readonly rate: TokenBuckets,
  ) {}

  @Post('api/ingest')
  @HttpCode(202)
  @Requires('ingest', { limited: true, bodyLimitBytes: MAX_EVENT_BYTES })
  async ingest(@Req() request: FastifyRequest) {
    const caller = principalOf(request);
    const { keyId } = caller;
    const taken = this.rate.take(keyId, Date.now());
    if (!taken.ok) throw tooManyRequests(taken.retryAfterSeconds, this.rate.perMinute);
    const sender = { ...senderOf(caller), dialect: 'agent-os', intake: 'http', ...idempotencyKeyOf(request) } as const;
    const result = await this.intake.takeOne(bodyOf(request), sender);
    if (!isAccepted(result)) throw problemOf(result);
    return acceptedBody(result);
  }
}
