import { Controller, Get, Req, Res } from '@nestjs/common';
import { dialects, STREAM_ONLY_TYPES } from '@runcast/dialects';
import { countSessionEvents, listRuns, listSessionEvents, type SessionKey } from '@runcast/read-models';
import { describeFound, isId, type RecordedEvent } from '@runcast/run-events';
import { principalOf, Requires, toProblem } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PageKeys } from '../../rest/page-keys.ts';
import { Reads } from '../../rest/reads.ts';
import { queryOf } from '../../stream/http-facts.ts';
import { explainError } from '../../problems.ts';
import { VectaraError, vectaraErrorOf } from './errors.ts';

type EventsRequest = FastifyRequest<{ Params: { agentKey: string; sessionKey: string } }>;

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** Beyond it total_count says this number: counting a session of millions for every page would cost more than the page. */
const COUNT_CAP = 10_000;

/** Vectara's "list agent events": a session's events in order, in pages that stay stable while events arrive. */
@Controller('v2/agents')
export class VectaraEventsController {
  constructor(
    private readonly reads: Reads,
    private readonly pageKeys: PageKeys,
  ) {}

  @Get(':agentKey/sessions/:sessionKey/events')
  @Requires('read')
  async list(@Req() request: EventsRequest, @Res() reply: FastifyReply): Promise<void> {
    try {
      const text = await this.page(request);
      await reply.type('application/json; charset=utf-8').send(text);
    } catch (error) {
      const answer = error instanceof VectaraError ? error : vectaraErrorOf(toProblem(error, explainError));
      await reply.code(answer.status).send(answer.body(request.id));
    }
  }

  private async page(request: EventsRequest): Promise<string> {
    const { tenant } = principalOf(request);
    const { agentKey, sessionKey } = request.params;
    if (!isId(agentKey)) throw new VectaraError('agent_not_found', 'There is no agent with this key.');
    if (!isId(sessionKey)) throw new VectaraError('session_not_found', 'There is no session with this key.');
    const scope = { tenant, list: `vectara ${JSON.stringify([agentKey, sessionKey])}` };
    const query = queryOf(request);
    const limit = readLimit(query.get('limit'));
    const key = query.get('page_key');
    const after = key ? this.pageKeys.open(key, scope) : 0;
    if (after === undefined) throw new VectaraError('invalid_request', 'page_key is not one that this list has given.');
    const session = { tenant, session: sessionKey };
    await this.requireSession(session, agentKey);
    const { frames, next } = await this.collect(session, after, limit);
    const { count } = await countSessionEvents(this.reads.database, { ...session, cap: COUNT_CAP });
    const metadata = { ...(next !== undefined && { page_key: this.pageKeys.seal(next, scope) }), total_count: count };
    return `{"events":[${frames.join(',')}],"metadata":${JSON.stringify(metadata)}}`;
  }

  /** A session belongs to an agent when one of its runs does, or when none of them names an agent. */
  private async requireSession({ tenant, session }: SessionKey, agent: string): Promise<void> {
    const { database } = this.reads;
    const [ofSession] = (await listRuns(database, { tenant, session, limit: 1 })).items;
    const [ofBoth] = (await listRuns(database, { tenant, session, agent, limit: 1 })).items;
    if (ofBoth !== undefined || (ofSession !== undefined && ofSession.agent === undefined)) return;
    const [ofAgent] = (await listRuns(database, { tenant, agent, limit: 1 })).items;
    if (ofAgent === undefined) throw new VectaraError('agent_not_found', 'There is no agent with this key.');
    throw new VectaraError('session_not_found', 'This agent has no session with this key.');
  }

  /** Reads on until the page is full: not every event of a session has a form in this list. */
  private async collect(
    session: SessionKey,
    after: number,
    limit: number,
  ): Promise<{ frames: string[]; next?: number }> {
    const frames: string[] = [];
    let cursor = after;
    for (;;) {
      const page = await listSessionEvents(this.reads.database, { ...session, after: cursor, limit: MAX_LIMIT });
      for (const event of page.items) {
        const listed = listedForm(event);
        if (listed === undefined) cursor = event.position.sequence;
        else if (frames.length === limit) return { frames, next: cursor };
        else {
          frames.push(listed);
          cursor = event.position.sequence;
        }
      }
      if (page.next === undefined) return { frames };
    }
  }
}

function listedForm(event: RecordedEvent): string | undefined {
  const [frame] = dialects.vectara.encode(event);
  if (frame === undefined) return undefined;
  const { type } = JSON.parse(frame.data) as { type: string };
  return STREAM_ONLY_TYPES.includes(type) ? undefined : frame.data;
}

function readLimit(text: string | null): number {
  if (text === null || text === '') return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new VectaraError(
    'invalid_request',
    `limit: expected a whole number from 1 to ${MAX_LIMIT}, found ${describeFound(text)}.`,
  );
}
