import { Readable } from 'node:stream';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { getRun, listRunEvents, listRuns, searchRuns, type Database } from '@runcast/read-models';
import { DIALECT_NAMES, RUN_STATUSES, type DialectName, type RunState } from '@runcast/run-events';
import { principalOf, requireWithin, Requires, type Principal } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeEvent } from '../stream/encoded-event.ts';
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
      text: query.text('q'),
    };
    requireWithin(principalOf(request), filter);
    const page = this.reads.readPage(query, { tenant, list: `runs ${JSON.stringify(filter)}` });
    await this.reads.wait(query);
    const { text, ...rest } = filter;
    const asked = { tenant, ...given(rest), ...page };
    const { database } = this.reads;
    const runs = await (text === undefined ? listRuns(database, asked) : searchRuns(database, { ...asked, text }));
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

  @Get(':run/events.ndjson')
  @Requires('read', { limited: true })
  async download(@Req() request: RunRequest, @Res() reply: FastifyReply) {
    const { tenant } = principalOf(request);
    const run = requireId('run id', request.params.run);
    const query = new QueryReader(queryOf(request));
    const dialect = query.oneOf('dialect', DIALECT_NAMES) ?? 'runcast';
    await this.reads.wait(query);
    const state = await getRun(this.reads.database, { tenant, run });
    if (state === undefined) throw notFound('run');
    requireWithin(principalOf(request), state);
    await reply
      .type('application/x-ndjson; charset=utf-8')
      .header('content-disposition', 'attachment; filename="events.ndjson"')
      .send(Readable.from(eventLines(this.reads.database, state, dialect)));
  }

  /** The names of a run stand in the run, not in each of its events. */
  private async requireReadable(caller: Principal, run: string): Promise<void> {
    if (caller.limits === undefined) return;
    const state = await getRun(this.reads.database, { tenant: caller.tenant, run });
    if (state !== undefined) requireWithin(caller, state);
  }
}

const DOWNLOAD_PAGE = 500;

/** Every event of a run up to its newest, a line each. Read page by page, as fast as the client takes it. */
async function* eventLines(database: Database, run: RunState, dialect: DialectName): AsyncGenerator<string> {
  const { tenant, run: id, lastSequence: upTo } = run;
  for (let after: number | undefined = 0; after !== undefined;) {
    const page = await listRunEvents(database, { tenant, run: id, upTo, after, limit: DOWNLOAD_PAGE });
    const lines = page.items.flatMap((event) => encodeEvent(event, dialect).frames.map(({ data }) => `${data}\n`));
    if (lines.length > 0) yield lines.join('');
    after = page.next;
  }
}

/** Without the members that are undefined, which exactOptionalPropertyTypes tells apart from absent ones. */
export function given<T extends object>(filter: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
