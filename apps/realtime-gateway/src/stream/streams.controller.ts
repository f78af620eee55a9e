import { Controller, Get, Req, Res } from '@nestjs/common';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FeedKey } from '../feeds/topic-hub.ts';
import { readFeedRequest, requireId } from './feed-request.ts';
import { Feeds } from './feeds.ts';
import { lastEventIdOf, queryOf } from './http-facts.ts';

/** Runs and sessions live as Server-Sent Events. The same addresses take WebSockets, see socket-routes.ts. */
@Controller('v1')
export class StreamsController {
  constructor(private readonly feeds: Feeds) {}

  @Get('runs/:run/stream')
  @Requires('read', { keyInQuery: true, limited: true })
  run(@Req() request: FastifyRequest<{ Params: { run: string } }>, @Res() reply: FastifyReply): Promise<void> {
    const run = requireId('run id', request.params.run);
    return this.stream({ kind: 'run', tenant: principalOf(request).tenant, run }, request, reply);
  }

  @Get('sessions/:session/stream')
  @Requires('read', { keyInQuery: true, limited: true })
  session(@Req() request: FastifyRequest<{ Params: { session: string } }>, @Res() reply: FastifyReply): Promise<void> {
    const session = requireId('session id', request.params.session);
    return this.stream({ kind: 'session', tenant: principalOf(request).tenant, session }, request, reply);
  }

  private async stream(key: FeedKey, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const feedRequest = readFeedRequest(principalOf(request), key, queryOf(request), lastEventIdOf(request));
    const feed = await this.feeds.open(feedRequest);
    if (feed.finished) {
      feed.lease.release();
      // The one answer that stops a browser's EventSource from reconnecting for ever.
      return void reply.code(204).send();
    }
    // Not waited for: whatever stands between the server and here would stay in memory for as long as the stream.
    void this.feeds.serveSse(feed, feedRequest, reply);
  }
}
