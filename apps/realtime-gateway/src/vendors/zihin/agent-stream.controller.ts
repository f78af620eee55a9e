import { Controller, Post, Req, Res } from '@nestjs/common';
import { isId } from '@runcast/run-events';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { sseFrame } from '../../stream/encoded-event.ts';
import { Feeds } from '../../stream/feeds.ts';
import { AgentRuns, notStarted } from '../agent-runs.ts';
import { answerWriter } from '../answer-writer.ts';
import { filledText, id, object, text } from '../fields.ts';
import { readBody } from '../read-body.ts';
import { zihinError } from './errors.ts';
import { answerFrames, openingFrames } from './stream-frames.ts';

const attachment = z.looseObject({
  url: text,
  type: z.enum(['image', 'audio', 'document'], 'image, audio or document'),
  filename: text.optional(),
});
export const body = z.looseObject({
  message: filledText,
  session_id: id.nullish(),
  attachments: z.array(attachment, 'an array of attachments').optional(),
  options: object.optional(),
  metadata: object.optional(),
});

/** The zihin agent stream: starts an agent and streams what it does, to the `[DONE]` at its end. */
@Controller('api/v2/agents')
export class AgentStreamController {
  constructor(
    private readonly runs: AgentRuns,
    private readonly feeds: Feeds,
  ) {}

  @Post(':agentId/stream')
  @Requires('invoke', { limited: true })
  async stream(
    @Req() request: FastifyRequest<{ Params: { agentId: string } }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const viewer = principalOf(request);
    const { tenant } = viewer;
    const agent = request.params.agentId;
    const { value, all } = readBody(request, body);
    if (!isId(agent)) return agentNotFound(request, reply);
    const session = value.session_id ?? undefined;
    const asked = { tenant, agent, dialect: 'zihin', message: value.message, input: all } as const;
    const started = await this.runs.start(
      { ...asked, ...(session !== undefined && { session }) },
      { dialect: 'zihin', openWriter: () => answerWriter(answerFrames), token: undefined, viewer },
    );
    if (started.outcome === 'no-agent') return agentNotFound(request, reply);
    if (started.outcome !== 'accepted') throw notStarted(started.outcome);
    const opening = openingFrames({ run: started.run, agent, session, tenant }, new Date().toISOString());
    const first = opening.map((frame) => sseFrame(frame)).join('');
    // Who leaves stops watching; the run goes on until it ends or is cancelled.
    await this.feeds.serveSse(started.feed, started.request, reply, { first });
  }
}

/** 403 is their status for it: whoever may not see an agent cannot tell whether there is one. */
function agentNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const message = 'There is no agent with this id, or nobody serves it.';
  void reply.code(403).send(zihinError('AGENT_NOT_FOUND', message, request.id));
}
