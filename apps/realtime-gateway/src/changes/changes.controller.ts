import { Controller, Get, Req, Res } from '@nestjs/common';
import { principalOf, Requires } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QueryReader } from '../rest/query-reader.ts';
import { queryOf } from '../stream/http-facts.ts';
import { RunChanges } from './run-changes.ts';

/** Which runs change, live: what a list needs to stay true. */
@Controller('v1/run-changes')
export class ChangesController {
  constructor(private readonly changes: RunChanges) {}

  @Get()
  @Requires('read', { limited: true })
  stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    new QueryReader(queryOf(request)).finish();
    return this.changes.serve(principalOf(request), reply);
  }
}
