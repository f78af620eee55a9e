import { createHash } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { getRun, getSession, listRunEvents, listSessionEvents, recordAct, type Page } from '@runcast/read-models';
import { ExportChain, formatPosition, type RecordedEvent } from '@runcast/run-events';
import { principalOf, requireWithin, Requires, SECURITY_HEADERS } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { requireId } from '../stream/feed-request.ts';
import { queryOf } from '../stream/http-facts.ts';
import { QueryReader } from './query-reader.ts';
import { notFound, Reads } from './reads.ts';

const PAGE = 500;

type ReadPage = (after: number) => Promise<Page<RecordedEvent>>;

interface Export {
  readonly tenant: string;
  readonly keyId: string;
  readonly kind: 'run' | 'session';
  readonly id: string;
  /** The newest event that belongs to it: what comes meanwhile is of the next export. */
  readonly upTo: number;
}

/** Everything there is of a run or a session, as a chain of lines that `runcast verify` checks. */
@Controller('v1')
export class ExportsController {
  constructor(private readonly reads: Reads) {}

  @Get('runs/:run/export')
  @Requires('read', { limited: true })
  async run(@Req() request: FastifyRequest<{ Params: { run: string } }>, @Res() reply: FastifyReply): Promise<void> {
    const { tenant, keyId } = principalOf(request);
    const run = requireId('run id', request.params.run);
    await this.reads.wait(new QueryReader(queryOf(request)));
    const state = await getRun(this.reads.database, { tenant, run });
    if (state === undefined) throw notFound('run');
    requireWithin(principalOf(request), state);
    const upTo = state.lastSequence;
    await this.send(reply, { tenant, keyId, kind: 'run', id: run, upTo }, (after) =>
      listRunEvents(this.reads.database, { tenant, run, after, upTo, limit: PAGE }),
    );
  }

  @Get('sessions/:session/export')
  @Requires('read', { limited: true })
  async session(
    @Req() request: FastifyRequest<{ Params: { session: string } }>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { tenant, keyId } = principalOf(request);
    const session = requireId('session id', request.params.session);
    requireWithin(principalOf(request), { session });
    await this.reads.wait(new QueryReader(queryOf(request)));
    const found = await getSession(this.reads.database, { tenant, session });
    if (found === undefined) throw notFound('session');
    const upTo = found.session.lastSequence;
    await this.send(reply, { tenant, keyId, kind: 'session', id: session, upTo }, (after) =>
      listSessionEvents(this.reads.database, { tenant, session, after, upTo, limit: PAGE }),
    );
  }

  /** Written as it is read, at the client's pace. A failure half way cuts the connection: the trailer is then missing. */
  private async send(reply: FastifyReply, what: Export, readPage: ReadPage): Promise<void> {
    const first = await readPage(0);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'application/x-ndjson', ...SECURITY_HEADERS });
    const chain = new ExportChain((text) => createHash('sha256').update(text).digest('hex'));
    try {
      const { tenant, kind, id } = what;
      const until = formatPosition(this.reads.positionOf(tenant)(what.upTo));
      raw.write(chain.header({ kind, id, tenant, until }));
      for (let page: Page<RecordedEvent> = first; ; page = await readPage(page.next)) {
        const lines = page.items.map((event) => chain.event(JSON.stringify(exportedEvent(event))));
        if (!raw.write(lines.join('')) && !raw.destroyed) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
        if (raw.destroyed) return;
        if (page.next === undefined) break;
      }
      const end = chain.trailer();
      await this.record(what, chain.last);
      raw.end(end);
    } catch {
      raw.destroy();
    }
  }

  /** Before the trailer is sent: an export that can be shown as whole is one that the audit log knows. */
  private record({ tenant, keyId, kind, id }: Export, chain: string): Promise<void> {
    const act = {
      tenant,
      actor: `key ${keyId}`,
      action: `${kind}.exported`,
      subject: `${kind} ${id}`,
      details: { chain },
    };
    return recordAct(this.reads.database, act, () => Promise.resolve());
  }
}

/** All that the log has of an event; `raw` is the text that came in (after redaction), to the byte. */
function exportedEvent({ position, ...event }: RecordedEvent): object {
  return { ...event, position: formatPosition(position) };
}
