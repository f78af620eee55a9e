import { Controller, Get, Req, Res } from '@nestjs/common';
import { snapshot, type Frame } from '@runcast/dialects';
import { getRun } from '@runcast/read-models';
import { timestampFromMs } from '@runcast/run-events';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Reads } from '../../rest/reads.ts';
import { sseFrame } from '../../stream/encoded-event.ts';
import { requireId } from '../../stream/feed-request.ts';
import { Feeds } from '../../stream/feeds.ts';
import { lastEventIdOf, queryOf } from '../../stream/http-facts.ts';
import type { FeedRequest } from '../../stream/serve-feed.ts';

/** How long the vendor's stream lasts at most. */
export class LiveSessionLimit {
  constructor(readonly ms: number) {}
}

/**
 * The zihin live session: one execution (a run in our words) as it goes on. A snapshot first, then its events from the
 * beginning or from the client's position; closed when the session finishes or after the limit, whichever is first.
 */
@Controller('api/v1/sessions')
export class LiveSessionController {
  constructor(
    private readonly feeds: Feeds,
    private readonly reads: Reads,
    private readonly limit: LiveSessionLimit,
  ) {}

  @Get(':executionId/live')
  @Requires('read', { keyInQuery: true, limited: true })
  async live(
    @Req() request: FastifyRequest<{ Params: { executionId: string } }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const viewer = principalOf(request);
    const { tenant } = viewer;
    const run = requireId('execution id', request.params.executionId);
    const query = queryOf(request);
    const feedRequest: FeedRequest = {
      key: { kind: 'run', tenant, run },
      viewer,
      dialect: 'zihin',
      filter: {},
      token: lastEventIdOf(request) ?? query.get('last_event_id') ?? undefined,
      follow: false,
    };
    const feed = await this.feeds.open(feedRequest);
    // A browser reconnects after every end of a stream, for ever; this answer stops it.
    if (feed.finished) {
      feed.lease.release();
      return void reply.code(204).send();
    }
    // The snapshot is no event: with a position it would make a client skip what it has not seen.
    const first = sseFrame(await this.snapshot(tenant, run));
    await this.feeds.serveSse(feed, feedRequest, reply, { first, signal: AbortSignal.timeout(this.limit.ms) });
  }

  private async snapshot(tenant: string, run: string): Promise<Frame> {
    const state = await getRun(this.reads.database, { tenant, run });
    if (state !== undefined) return snapshot(state);
    // Watched before its first event: nothing is known but its name.
    const startedAt = timestampFromMs(Date.now());
    return {
      event: 'snapshot',
      data: JSON.stringify({ executionId: run, phase: 'PREPROCESSING', agentId: null, startedAt }),
    };
  }
}
