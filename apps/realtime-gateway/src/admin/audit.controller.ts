import { Controller, Get, Req } from '@nestjs/common';
import { listActs } from '@runcast/read-models';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { QueryReader } from '../rest/query-reader.ts';
import { Reads } from '../rest/reads.ts';
import { queryOf } from '../stream/http-facts.ts';

/** What administrators did, oldest first: a hash chain (see docs/decisions/0012-erasure.md). */
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly reads: Reads) {}

  @Get()
  @Requires('admin')
  async list(@Req() request: FastifyRequest) {
    const { tenant } = principalOf(request);
    const query = new QueryReader(queryOf(request));
    const page = this.reads.readPage(query, { tenant, list: 'audit' });
    query.finish();
    const { items, next } = await listActs(this.reads.database, { tenant, ...page });
    return { acts: items, ...this.reads.nextPage(next, { tenant, list: 'audit' }) };
  }
}
