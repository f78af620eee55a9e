import { Controller, Get, Req, Res } from '@nestjs/common';
import { getSession, listSessionEvents, listSessions } from '@runcast/read-models';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireId } from '../stream/feed-request.ts';
import { queryOf } from '../stream/http-facts.ts';
import { runBody, sessionBody } from './bodies.ts';
import { eventPageText, readEventPageQuery } from './event-page.ts';
import { notFound, Reads } from './reads.ts';
import { QueryReader } from './query-reader.ts';
import { given } from './runs.controller.ts';

type SessionRequest = FastifyRequest<{ Params: { session: string } }>;

/** Sessions, from the tables. */
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly reads: Reads) {}

  @Get()
  @Requires('read')
  async list(@Req() request: FastifyRequest) {
    const { tenant } = principalOf(request);
    const query = new QueryReader(queryOf(request));
    const filter = { agent: query.text('agent') };
    const scope = { tenant, list: `sessions ${JSON.stringify(filter)}` };
    const page = this.reads.readPage(query, scope);
    await this.reads.wait(query);
    const sessions = await listSessions(this.reads.database, { tenant, ...given(filter), ...page });
    return {
      sessions: sessions.items.map((session) => sessionBody(session, this.reads.positionOf(tenant))),
      ...this.reads.nextPage(sessions.next, scope),
    };
  }

  @Get(':session')
  @Requires('read')
  async get(@Req() request: SessionRequest) {
    const { tenant } = principalOf(request);
    const session = requireId('session id', request.params.session);
    await this.reads.wait(new QueryReader(queryOf(request)));
    const found = await getSession(this.reads.database, { tenant, session });
    if (found === undefined) throw notFound('session');
    const positionOf = this.reads.positionOf(tenant);
    return { ...sessionBody(found.session, positionOf), runs: found.runs.map((run) => runBody(run, positionOf)) };
  }

  @Get(':session/events')
  @Requires('read')
  async events(@Req() request: SessionRequest, @Res() reply: FastifyReply) {
    const { tenant } = principalOf(request);
    const session = requireId('session id', request.params.session);
    const query = new QueryReader(queryOf(request));
    const { dialect, ...filter } = readEventPageQuery(query, this.reads.shardOf(tenant));
    await this.reads.wait(query);
    const page = await listSessionEvents(this.reads.database, { tenant, session, ...filter });
    if (page.items.length === 0 && !(await getSession(this.reads.database, { tenant, session })))
      throw notFound('session');
    await reply.type('application/json; charset=utf-8').send(eventPageText(page, dialect));
  }
}
