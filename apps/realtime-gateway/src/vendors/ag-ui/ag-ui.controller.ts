import { Controller, Post, Req, Res } from '@nestjs/common';
import { principalOf, Requires, type Principal } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireId } from '../../stream/feed-request.ts';
import { Feeds } from '../../stream/feeds.ts';
import { lastEventIdOf, queryOf } from '../../stream/http-facts.ts';
import type { FeedRequest, OpenFeed } from '../../stream/serve-feed.ts';
import { AgentRuns, notStarted } from '../agent-runs.ts';
import { id, text } from '../fields.ts';
import { readBody } from '../read-body.ts';

const message = z.looseObject({ role: text, content: z.unknown() });
export const body = z.looseObject({
  threadId: id,
  runId: id,
  messages: z.array(message, 'an array of messages').default([]),
});

const MAX_BODY_BYTES = 1024 * 1024 - 64 * 1024;

/**
 * An agent of ours as an AG-UI endpoint, for the stock HttpAgent. Their thread is our session, their run ours. A run that
 * exists is not started again: the same request attaches to it, with Last-Event-ID where it had got to.
 */
@Controller('v1/agents')
export class AgUiController {
  constructor(
    private readonly runs: AgentRuns,
    private readonly feeds: Feeds,
  ) {}

  @Post(':agent/ag-ui')
  @Requires('invoke', { limited: true, bodyLimitBytes: MAX_BODY_BYTES })
  async run(@Req() request: FastifyRequest<{ Params: { agent: string } }>, @Res() reply: FastifyReply): Promise<void> {
    const viewer = principalOf(request);
    const { tenant } = viewer;
    const agent = requireId('agent id', request.params.agent);
    const { value, all } = readBody(request, body);
    const { threadId: session, runId: run, messages } = value;
    const token = lastEventIdOf(request) ?? queryOf(request).get('after') ?? undefined;
    const known = await this.openIfKnown(viewer, run, token);
    if (known) return this.feeds.serveSse(known.feed, known.request, reply);
    const asked = { tenant, agent, session, run, dialect: 'ag-ui', message: lastSaid(messages), input: all } as const;
    const started = await this.runs.start(asked, { dialect: 'ag-ui', token, viewer });
    if (started.outcome !== 'accepted') throw notStarted(started.outcome);
    await this.feeds.serveSse(started.feed, started.request, reply);
  }

  private async openIfKnown(
    viewer: Principal,
    run: string,
    token: string | undefined,
  ): Promise<{ feed: OpenFeed; request: FeedRequest } | undefined> {
    const key = { kind: 'run', tenant: viewer.tenant, run } as const;
    const request: FeedRequest = { key, viewer, dialect: 'ag-ui', filter: {}, follow: false, token };
    const feed = await this.feeds.open(request);
    if (feed.lease.topic.tail > 0) return { feed, request };
    feed.lease.release();
    return undefined;
  }
}

/** What the person said last, as text: their messages are the whole conversation. */
function lastSaid(messages: readonly z.output<typeof message>[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.flatMap((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : [])).join('\n');
}
