import { Controller, Delete, Get, HttpCode, Put, Req } from '@nestjs/common';
import { liftHold, listHolds, placeHold, type Held } from '@runcast/read-models';
import { principalOf, Problem, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Reads } from '../rest/reads.ts';
import { requireId } from '../stream/feed-request.ts';
import { readBody } from '../vendors/read-body.ts';

const REASON = 'why it is held, 1 to 1,000 characters';
export const body = z.strictObject({ reason: z.string(REASON).min(1, REASON).max(1_000, REASON) });

type HoldRequest = FastifyRequest<{ Params: { run?: string; session?: string } }>;

/** Legal holds: what is held is neither erased nor dropped for its age. */
@Controller('v1')
export class HoldsController {
  constructor(private readonly reads: Reads) {}

  @Get('holds')
  @Requires('admin')
  async list(@Req() request: FastifyRequest) {
    const holds = await listHolds(this.reads.database, principalOf(request).tenant);
    return {
      holds: holds.map(({ kind, subject, reason, placedBy, placedAt }) => ({
        [kind]: subject,
        reason,
        placed_by: placedBy,
        placed_at: placedAt,
      })),
    };
  }

  @Put('runs/:run/hold')
  @HttpCode(204)
  @Requires('admin')
  holdRun(@Req() request: HoldRequest): Promise<void> {
    return this.place(request, 'run');
  }

  @Put('sessions/:session/hold')
  @HttpCode(204)
  @Requires('admin')
  holdSession(@Req() request: HoldRequest): Promise<void> {
    return this.place(request, 'session');
  }

  @Delete('runs/:run/hold')
  @HttpCode(204)
  @Requires('admin')
  liftFromRun(@Req() request: HoldRequest): Promise<void> {
    return this.lift(request, 'run');
  }

  @Delete('sessions/:session/hold')
  @HttpCode(204)
  @Requires('admin')
  liftFromSession(@Req() request: HoldRequest): Promise<void> {
    return this.lift(request, 'session');
  }

  private async place(request: HoldRequest, kind: Held['kind']): Promise<void> {
    const { value } = readBody(request, body);
    const outcome = await placeHold(this.reads.database, { ...held(request, kind), ...value });
    if (outcome === 'erasing') throw new Problem('held', { detail: `The ${kind} is being erased already.` });
  }

  private async lift(request: HoldRequest, kind: Held['kind']): Promise<void> {
    if (await liftHold(this.reads.database, held(request, kind))) return;
    throw new Problem('not_found', { detail: `There is no hold on this ${kind}.` });
  }
}

function held(request: HoldRequest, kind: Held['kind']): Held & { readonly actor: string } {
  const { tenant, keyId } = principalOf(request);
  return { tenant, kind, subject: requireId(`${kind} id`, request.params[kind]), actor: `key ${keyId}` };
}
