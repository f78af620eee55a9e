import { Controller, Get, Req } from '@nestjs/common';
import { countRuns, listAgentSummaries, type RunCounts } from '@runcast/read-models';
import { isId, timestampFromMs } from '@runcast/run-events';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { queryOf } from '../stream/http-facts.ts';
import { Answers } from './answers.ts';
import { QueryReader } from './query-reader.ts';
import { Reads } from './reads.ts';

/** One count serves everybody of a tenant who asks within this time: a thousand open lists cost what one costs. */
const SHARED_MS = 2_000;

/** How a tenant's runs go, summed up. */
@Controller('v1')
export class OverviewController {
  private readonly counts = new Answers<RunCounts>(SHARED_MS, Date.now);
  private readonly agentPages = new Answers<Awaited<ReturnType<typeof listAgentSummaries>>>(SHARED_MS, Date.now);

  constructor(private readonly reads: Reads) {}

  @Get('run-counts')
  @Requires('read')
  async runCounts(@Req() request: FastifyRequest) {
    const { tenant } = principalOf(request);
    const query = new QueryReader(queryOf(request));
    const minutes = query.wholeNumber('minutes', { min: 1, max: 10_080, otherwise: 60 });
    const buckets = query.wholeNumber('buckets', { min: 1, max: 240, otherwise: 60 });
    query.finish();
    const bucketMs = (minutes * 60_000) / buckets;
    const counted = await this.counts.get(JSON.stringify([tenant, minutes, buckets]), () => {
      // Whole buckets, so that a bar keeps its place from one answer to the next.
      const sinceMs = (Math.floor(Date.now() / bucketMs) + 1) * bucketMs - minutes * 60_000;
      return countRuns(this.reads.database, { tenant, sinceMs, bucketMs });
    });
    return {
      bucket_ms: bucketMs,
      is_cut: counted.isCut,
      buckets: counted.buckets.map(({ fromMs, counts }) => ({ from: timestampFromMs(Math.round(fromMs)), ...counts })),
    };
  }

  @Get('agents')
  @Requires('read')
  async agents(@Req() request: FastifyRequest) {
    const { tenant } = principalOf(request);
    const query = new QueryReader(queryOf(request));
    const limit = query.wholeNumber('limit', { min: 1, max: 100, otherwise: 50 });
    const after = query.text('after');
    if (after !== undefined && !isId(after)) query.refuse('after', 'the name of an agent', after);
    query.finish();
    const page = await this.agentPages.get(JSON.stringify([tenant, limit, after]), () =>
      listAgentSummaries(this.reads.database, { tenant, limit, ...(after !== undefined && { after }) }),
    );
    return {
      agents: page.items.map((agent) => ({
        id: agent.agent,
        run_count: agent.runCount,
        by_status: agent.byStatus,
        total_tokens: agent.totalTokens,
        cost_usd: agent.costUsd,
        median_duration_ms: agent.medianDurationMs,
        last_event_at: agent.lastEventAt,
      })),
      ...(page.next !== undefined && { next_after: page.next }),
    };
  }

  /** For who shows how long an event took from the log to a screen, whose clock may be another. */
  @Get('clock')
  @Requires('read')
  clock(@Req() request: FastifyRequest) {
    new QueryReader(queryOf(request)).finish();
    return { now_ms: Date.now() };
  }
}
