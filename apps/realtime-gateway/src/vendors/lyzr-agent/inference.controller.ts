import { randomUUID } from 'node:crypto';
import { Controller, Post, Req, Res } from '@nestjs/common';
import { foldRun, type RunState } from '@runcast/run-events';
import { principalOf, Problem, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Feeds } from '../../stream/feeds.ts';
import { AgentRuns, notStarted } from '../agent-runs.ts';
import { answerWriter } from '../answer-writer.ts';
import { AnswerLimit } from '../answer-limit.ts';
import { filledText, id, text } from '../fields.ts';
import { readBody } from '../read-body.ts';
import { NOTHING_TOLD, toldAfter, withoutRepeats } from '../told.ts';
import { untilOver } from '../until-over.ts';
import { waitingClient } from '../waiting-client.ts';
import { inferenceFrames, plainText } from './inference-frames.ts';

export const body = z.looseObject({
  agent_id: id,
  message: filledText,
  session_id: id.nullish(),
  user_id: text.nullish(),
});

/** Lyzr inference: runs an agent and answers with what it said, as a whole or as it comes. */
@Controller('v3/inference')
export class InferenceController {
  constructor(
    private readonly runs: AgentRuns,
    private readonly feeds: Feeds,
    private readonly limit: AnswerLimit,
  ) {}

  @Post('chat')
  @Requires('invoke', { limited: true })
  async chat(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { started, session } = await this.start(request);
    let state: RunState | undefined;
    let told = NOTHING_TOLD;
    const signal = waitingClient(reply, this.limit.ms);
    const over = await untilOver(started.feed, signal, (event) => {
      state = foldRun(state, withoutRepeats(event, told));
      told = toldAfter(told, event);
    });
    // The client has left; the run goes on, and its events are there for who asks.
    if (reply.raw.destroyed) return void reply.hijack();
    const ids = { session_id: session, run_id: started.run };
    if (!over || state === undefined) {
      const detail = `No answer within ${this.limit.ms} ms. The run goes on; watch it at its session_id.`;
      return void reply.code(504).send({ detail, ...ids });
    }
    const { status, output, error, statusReason } = state;
    if (status !== 'success') {
      const detail = error?.message ?? `The run ended without an answer (${statusReason ?? 'error'}).`;
      return void reply.code(500).send({ detail, ...ids });
    }
    const response = output === undefined ? '' : plainText(output);
    await reply.code(200).send({ response, module_outputs: {}, ...ids });
  }

  @Post('stream')
  @Requires('invoke', { limited: true })
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { started, session } = await this.start(request);
    // The stream is bare text; who wants to watch the session besides finds its id here.
    reply.raw.setHeader('x-session-id', encodeURIComponent(session));
    await this.feeds.serveSse(started.feed, started.request, reply);
  }

  private async start(request: FastifyRequest) {
    const viewer = principalOf(request);
    const { tenant } = viewer;
    const { value, all } = readBody(request, body);
    const { agent_id: agent, message } = value;
    const session = value.session_id ?? newSession(agent);
    const started = await this.runs.start(
      { tenant, agent, session, dialect: 'lyzr-agent', message, input: all },
      { dialect: 'lyzr-agent', openWriter: () => answerWriter(inferenceFrames), token: undefined, viewer },
    );
    if (started.outcome === 'no-agent') throw new Problem('not_found', { detail: 'Agent not found' });
    if (started.outcome !== 'accepted') throw notStarted(started.outcome);
    return { started, session };
  }
}

/** As theirs look: the agent and a suffix. An agent's id can be so long that the suffix would make it none. */
function newSession(agent: string): string {
  const suffix = randomUUID().slice(-12);
  return Buffer.byteLength(agent) > 100 ? suffix : `${agent}-${suffix}`;
}
