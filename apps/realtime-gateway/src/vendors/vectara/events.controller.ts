import { Controller, Get, Req, Res } from '@nestjs/common';
import { describeFound } from '@runcast/run-events';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PageKeys } from '../../rest/page-keys.ts';
import { Reads } from '../../rest/reads.ts';
import { queryOf } from '../../stream/http-facts.ts';
import { AgentSession, type AgentSessionKey } from './agent-session.ts';
import { answeringVectaraErrors, VectaraError } from './errors.ts';
import { withinRequestTimeout } from './request-timeout.ts';

export type SessionRequest = FastifyRequest<{ Params: { agentKey: string; sessionKey: string } }>;
export type EventRequest = FastifyRequest<{ Params: { agentKey: string; sessionKey: string; eventId: string } }>;

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Vectara's "list agent events": a session's events in order, in pages that stay stable while events arrive. */
@Controller('v2/agents')
export class VectaraEventsController {
  constructor(
    private readonly reads: Reads,
    private readonly pageKeys: PageKeys,
  ) {}

  @Get(':agentKey/sessions/:sessionKey/events')
  @Requires('read')
  list(@Req() request: SessionRequest, @Res() reply: FastifyReply): Promise<void> {
    return answeringVectaraErrors(request, reply, async () => {
      const page = await withinRequestTimeout(request, () => this.page(request));
      await reply.type('application/json; charset=utf-8').send(page);
    });
  }

  @Get(':agentKey/sessions/:sessionKey/events/:eventId')
  @Requires('read')
  one(@Req() request: EventRequest, @Res() reply: FastifyReply): Promise<void> {
    return answeringVectaraErrors(request, reply, async () => {
      const { listed } = await withinRequestTimeout(request, async () => {
        const session = await AgentSession.open(this.reads.database, sessionKeyOf(request));
        return session.event(request.params.eventId);
      });
      await reply.type('application/json; charset=utf-8').send(listed);
    });
  }

  private async page(request: SessionRequest): Promise<string> {
    const key = sessionKeyOf(request);
    const query = queryOf(request);
    const limit = readLimit(query.get('limit'));
    const includeHidden = readFlag(query.get('include_hidden'));
    const scope = {
      tenant: key.tenant,
      list: `vectara ${JSON.stringify([key.agentKey, key.sessionKey, includeHidden])}`,
    };
    const pageKey = query.get('page_key');
    const after = pageKey ? this.pageKeys.open(pageKey, scope) : 0;
    if (after === undefined) throw new VectaraError('invalid_request', 'page_key is not one that this list has given.');
    const session = await AgentSession.open(this.reads.database, key);
    const { frames, next } = await session.page(after, limit, includeHidden);
    const nextKey = next === undefined ? {} : { page_key: this.pageKeys.seal(next, scope) };
    const metadata = { ...nextKey, total_count: await session.count(includeHidden) };
    return `{"events":[${frames.join(',')}],"metadata":${JSON.stringify(metadata)}}`;
  }
}

export function sessionKeyOf(request: SessionRequest | EventRequest): AgentSessionKey {
  const { agentKey, sessionKey } = request.params;
  return { tenant: principalOf(request).tenant, agentKey, sessionKey };
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

function readFlag(text: string | null): boolean {
  if (text === null || text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw new VectaraError('invalid_request', `include_hidden: expected true or false, found ${describeFound(text)}.`);
}
