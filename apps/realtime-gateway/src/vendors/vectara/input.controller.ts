import { randomUUID } from 'node:crypto';
import { Controller, Post, Req, Res } from '@nestjs/common';
import { dialects, STREAM_ONLY_TYPES, type Frame } from '@runcast/dialects';
import { formatPosition, isId, type RecordedEvent } from '@runcast/run-events';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Reads } from '../../rest/reads.ts';
import { Feeds } from '../../stream/feeds.ts';
import { AgentRuns, notStarted, type Accepted } from '../agent-runs.ts';
import { AnswerLimit } from '../answer-limit.ts';
import { answerWriter } from '../answer-writer.ts';
import { flag, text } from '../fields.ts';
import { readBody, type Body } from '../read-body.ts';
import { Recorder } from '../recorder.ts';
import { NOTHING_TOLD } from '../told.ts';
import { untilOver } from '../until-over.ts';
import { waitingClient } from '../waiting-client.ts';
import { readMarks, sessionNotFound } from './agent-session.ts';
import { answeringVectaraErrors, VectaraError } from './errors.ts';
import { requestTimeoutOf, timedOut } from './request-timeout.ts';
import { sessionKeyOf, type SessionRequest } from './events.controller.ts';

const message = z.looseObject({ type: text, content: text.optional() });
export const body = z.looseObject({
  type: z.literal('input_message', 'input_message').default('input_message'),
  messages: z.array(message, 'an array of messages').min(1, 'at least one message'),
  stream_response: flag.default(false),
});

/** The most events in an answer that is no stream; the list has the others. */
const MAX_EVENTS = 1_000;

/** Vectara's input message: one turn of a session, which is one run of its agent. */
@Controller('v2/agents')
export class VectaraInputController {
  constructor(
    private readonly runs: AgentRuns,
    private readonly feeds: Feeds,
    private readonly reads: Reads,
    private readonly recorder: Recorder,
    private readonly limit: AnswerLimit,
  ) {}

  @Post(':agentKey/sessions/:sessionKey/events')
  @Requires('invoke')
  input(@Req() request: SessionRequest, @Res() reply: FastifyReply): Promise<void> {
    return answeringVectaraErrors(request, reply, async () => {
      const read = readBody(request, body);
      const patienceMs = requestTimeoutOf(request);
      const started = await this.start(request, read);
      if (read.value.stream_response) await this.feeds.serveSse(started.feed, started.request, reply);
      else await this.answer(started, reply, patienceMs);
    });
  }

  private async start(request: SessionRequest, { value, all }: Body<z.output<typeof body>>): Promise<Accepted> {
    const viewer = principalOf(request);
    const { tenant } = viewer;
    const { agentKey: agent, sessionKey: session } = sessionKeyOf(request);
    if (!isId(agent)) throw agentNotFound();
    if (!isId(session) || (await readMarks(this.reads.database, { tenant, session })).sessionDeleted) {
      throw sessionNotFound();
    }
    const run = randomUUID();
    const said = value.messages.flatMap(({ content }) => content ?? []).join('\n');
    const started = await this.runs.start(
      { tenant, agent, session, run, dialect: 'vectara', message: said, input: all },
      { dialect: 'vectara', openWriter: () => answerWriter(streamFrames, ASKED), token: undefined, viewer },
    );
    if (started.outcome === 'no-agent') throw agentNotFound();
    if (started.outcome !== 'accepted') throw notStarted(started.outcome);
    // After the command, or a session would be full of questions that nobody was there to take.
    const asked = {
      type: value.type,
      id: `aev_${randomUUID()}`,
      session_key: session,
      messages: all['messages']!,
      created_at: new Date().toISOString(),
    };
    await this.recorder.record({ tenant, dialect: 'vectara', body: asked, hints: { run, session, agent } });
    return started;
  }

  private async answer(started: Accepted, reply: FastifyReply, patienceMs = Infinity): Promise<void> {
    const ms = Math.min(this.limit.ms, patienceMs);
    const writer = answerWriter((event) => dialects.vectara.encode(event), ASKED);
    const events: string[] = [];
    const over = await untilOver(started.feed, waitingClient(reply, ms), (event) => {
      const frames = writer.write(event).frames.filter(({ data }) => isListed(data));
      if (events.length < MAX_EVENTS) events.push(...frames.map(({ data }) => data));
    });
    if (reply.raw.destroyed) return void reply.hijack();
    if (!over && ms === patienceMs) throw timedOut(ms);
    if (!over) throw new VectaraError('unavailable', `No answer within ${ms} ms. The turn goes on.`);
    await reply
      .code(200)
      .type('application/json; charset=utf-8')
      .send(`{"events":[${events.join(',')}]}`);
  }
}

/** The question stands in the log by our hand, before or after the agent tells that it has begun. */
const ASKED = { ...NOTHING_TOLD, asked: true };

/** Their stream names each event by its type and says when it is over. */
function streamFrames(event: RecordedEvent): Frame[] {
  const frames = dialects.vectara.encode(event).map(({ data }) => ({ event: typeOf(data), data }));
  const isEnd = ENDS.includes(event.type) && !frames.some((frame) => frame.event === 'end');
  return isEnd ? [...frames, { event: 'end', data: JSON.stringify({ type: 'end', id: positionOf(event) }) }] : frames;
}

const ENDS = ['run.completed', 'run.failed', 'run.cancelled', 'run.went-stale'];

function positionOf({ position }: RecordedEvent): string {
  return formatPosition(position);
}

/** In an answer the failure of the turn is said, which a list leaves out. */
function isListed(data: string): boolean {
  const type = typeOf(data);
  return type === 'error' || !STREAM_ONLY_TYPES.includes(type);
}

function typeOf(data: string): string {
  return (JSON.parse(data) as { type: string }).type;
}

function agentNotFound(): VectaraError {
  return new VectaraError('agent_not_found', 'There is no agent with this key, or nobody serves it.');
}
