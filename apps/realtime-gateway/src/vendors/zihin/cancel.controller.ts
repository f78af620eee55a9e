import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { getSession } from '@runcast/read-models';
import { isOver } from '@runcast/run-events';
import { principalOf, Problem, Requires, type Principal } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { Reads } from '../../rest/reads.ts';
import { requireId } from '../../stream/feed-request.ts';
import { AgentRuns } from '../agent-runs.ts';

const REASON = 'cancelled by a client';

/** Cancels an execution, or everything that is under way in a session. */
@Controller('api/v1/sessions')
export class CancelController {
  constructor(
    private readonly runs: AgentRuns,
    private readonly reads: Reads,
  ) {}

  @Post(':id/cancel')
  @HttpCode(200)
  @Requires('invoke')
  async cancel(@Req() request: FastifyRequest<{ Params: { id: string } }>) {
    const caller = principalOf(request);
    const id = requireId('id', request.params.id);
    const cancelled = (await this.cancelRun(caller, id)) ?? (await this.cancelSession(caller, id));
    if (cancelled === undefined) throw new Problem('not_found', { detail: 'There is no such execution or session.' });
    return { status: 'success', id, cancelled };
  }

  /** The ids of what was cancelled: none when it was over already. */
  private async cancelRun(caller: Principal, run: string): Promise<string[] | undefined> {
    const before = await this.runs.cancel(caller, run, REASON);
    return before && (isOver(before.status) ? [] : [run]);
  }

  private async cancelSession(caller: Principal, session: string): Promise<string[] | undefined> {
    const found = await getSession(this.reads.database, { tenant: caller.tenant, session });
    if (found === undefined) return undefined;
    const underWay = found.runs.filter(({ status }) => !isOver(status)).map(({ run }) => run);
    for (const run of underWay) await this.runs.cancel(caller, run, REASON);
    return underWay;
  }
}
