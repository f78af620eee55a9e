import { Controller, Get, Req, Res } from '@nestjs/common';
import { getRun, listRunEvents, listRuns } from '@runcast/read-models';
import { RUN_STATUSES } from '@runcast/run-events';
import { principalOf, requireWithin, Requires, type Principal } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireId } from '../stream/feed-request.ts';
import { queryOf } from '../stream/http-facts.ts';
import { runBody } from './bodies.ts';
import { eventPageText, readEventPageQuery } from './event-page.ts';
import { notFound, Reads } from './reads.ts';
import { QueryReader } from './query-reader.ts';

type RunRequest = FastifyRequest<{ Params: { run: string } }>;

/** Runs, from the tables. */
@Controller('v1/runs')
export class RunsController {
  constructor(private readonly reads: Reads) {}

  @Get()
  @Requires('read', { limited: true })
  async list(@Req() request: FastifyRequest) {
    const { tenant } = principalOf(request);
    const query = new QueryReader(queryOf(request));
    const filter = {
      status: query.oneOf('status', RUN_STATUSES),
      agent: query.text('agent'),
      session: query.text('session'),
      startedAfter: query.timestamp('started_after'),
      startedBefore: query.timestamp('started_before'),
    };
    requireWithin(principalOf(request), filter);
    const page = this.reads.readPage(query, { tenant, list: `runs ${JSON.stringify(filter)}` });
    await this.reads.wait(query);
    const runs = await listRuns(this.reads.database, { tenant, ...given(filter), ...page });
    return {
      runs: runs.items.map((run) => runBody(run, this.reads.positionOf(tenant))),
      ...this.reads.nextPage(runs.next, { tenant, list: `runs ${JSON.stringify(filter)}` }),
    };
  }

  @Get(':run')
  @Requires('read', { limited: true })
  async get(@Req() request: RunRequest) {
    const { tenant } = principalOf(request);
    const run = requireId('run id', request.params.run);
    await this.reads.wait(new QueryReader(queryOf(request)));
    const state = await getRun(this.reads.database, { tenant, run });
    if (state === undefined) throw notFound('run');
    requireWithin(principalOf(request), state);
    return runBody(state, this.reads.positionOf(tenant));
  }

  @Get(':run/events')
  @Requires('read', { limited: true })
  async events(@Req() request: RunRequest, @Res() reply: FastifyReply) {
    const { tenant } = principalOf(request);
    const run = requireId('run id', request.params.run);
    const query = new QueryReader(queryOf(request));
    const { dialect, ...filter } = readEventPageQuery(query, this.reads.shardOf(tenant));
    await this.reads.wait(query);
    await this.requireReadable(principalOf(request), run);
    const page = await listRunEvents(this.reads.database, { tenant, run, ...filter });
    if (page.items.length === 0 && !(await getRun(this.reads.database, { tenant, run }))) throw notFound('run');
    await reply.type('application/json; charset=utf-8').send(eventPageText(page, dialect));
  }

  /** The names of a run stand in the run, not in each of its events. */
  private async requireReadable(caller: Principal, run: string): Promise<void> {
    if (caller.limits === undefined) return;
    const state = await getRun(this.reads.database, { tenant: caller.tenant, run });
    if (state !== undefined) requireWithin(caller, state);
  }
}

/** Without the members that are undefined, which exactOptionalPropertyTypes tells apart from absent ones. */
export function given<T extends object>(filter: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
