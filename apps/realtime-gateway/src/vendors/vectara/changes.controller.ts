import { Controller, Delete, Post, Req, Res } from '@nestjs/common';
import { listRuns } from '@runcast/read-models';
import { Requires } from '@runcast/service-host';
import type { FastifyReply } from 'fastify';
import { Reads } from '../../rest/reads.ts';
import { Recorder } from '../recorder.ts';
import { AgentSession, sessionNotFound } from './agent-session.ts';
import { answeringVectaraErrors } from './errors.ts';
import { MARKS } from './event-marks.ts';
import { sessionKeyOf, type EventRequest, type SessionRequest } from './events.controller.ts';

/** Hides, shows and deletes events and sessions: each a fact in the log, which the list obeys when it is read. */
@Controller('v2/agents')
export class VectaraChangesController {
  constructor(
    private readonly reads: Reads,
    private readonly recorder: Recorder,
  ) {}

  @Post(':agentKey/sessions/:sessionKey/events/:eventId/hide')
  @Requires('invoke')
  hide(@Req() request: EventRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.mark(request, reply, 'hide');
  }

  @Post(':agentKey/sessions/:sessionKey/events/:eventId/unhide')
  @Requires('invoke')
  unhide(@Req() request: EventRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.mark(request, reply, 'show');
  }

  @Delete(':agentKey/sessions/:sessionKey/events/:eventId')
  @Requires('invoke')
  deleteEvent(@Req() request: EventRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.mark(request, reply, 'delete');
  }

  @Delete(':agentKey/sessions/:sessionKey')
  @Requires('invoke')
  deleteSession(@Req() request: SessionRequest, @Res() reply: FastifyReply): Promise<void> {
    return answeringVectaraErrors(request, reply, async () => {
      const { key } = await AgentSession.open(this.reads.database, sessionKeyOf(request));
      // Every record stands in a run; any of the session's will do.
      const [run] = (await listRuns(this.reads.database, { ...key, limit: 1 })).items;
      if (run === undefined) throw sessionNotFound();
      await this.record(key.tenant, run.run, MARKS.deleteSession, {});
      await reply.code(204).send();
    });
  }

  /** Answers with the event after it was hidden or shown, and with nothing after it was deleted. */
  private mark(request: EventRequest, reply: FastifyReply, what: 'hide' | 'show' | 'delete'): Promise<void> {
    return answeringVectaraErrors(request, reply, async () => {
      const session = await AgentSession.open(this.reads.database, sessionKeyOf(request));
      const { event, listed } = await session.event(request.params.eventId);
      await this.record(event.tenant, event.run, MARKS[what], { event: event.id });
      if (what === 'delete') await reply.code(204).send();
      else await reply.code(200).type('application/json; charset=utf-8').send(listed);
    });
  }

  private record(tenant: string, run: string, type: string, data: Record<string, string>) {
    return this.recorder.record({ tenant, dialect: 'runcast', body: { type, data }, hints: { run } });
  }
}
