import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ERASURE_KINDS, getErasure, requestErasure, type Erasure } from '@runcast/read-models';
import { principalOf, Problem, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Reads } from '../rest/reads.ts';
import { requireId } from '../stream/feed-request.ts';
import { id } from '../vendors/fields.ts';
import { readBody } from '../vendors/read-body.ts';

const ONE_OF = `exactly one of ${ERASURE_KINDS.join(', ')}`;
/** A user's id is the sender's text, not one of ours. */
const user = z.string('a text of 1 to 1,000 characters').min(1).max(1_000);
export const body = z
  .strictObject({ run: id.optional(), session: id.optional(), user: user.optional() })
  .refine((subjects) => Object.keys(subjects).length === 1, ONE_OF);

/** Makes runs be forgotten: see docs/decisions/0012-erasure.md. */
@Controller('v1/erasures')
export class ErasuresController {
  constructor(private readonly reads: Reads) {}

  /** 202: the shard's projector carries it out, within seconds where nothing is wrong. */
  @Post()
  @HttpCode(202)
  @Requires('admin')
  async request(@Req() request: FastifyRequest) {
    const { tenant, keyId } = principalOf(request);
    const { value } = readBody(request, body);
    const kind = ERASURE_KINDS.find((one) => value[one] !== undefined)!;
    const shard = this.reads.shardOf(tenant).number;
    const what = { tenant, shard, kind, subject: value[kind]!, actor: `key ${keyId}` };
    const asked = await requestErasure(this.reads.database, what);
    if (asked.outcome === 'held') {
      throw new Problem('held', { detail: `Legal holds keep ${asked.runs} of the runs. Nothing was erased.` });
    }
    return { id: asked.id, status: 'pending' };
  }

  @Get(':erasure')
  @Requires('admin')
  async get(@Req() request: FastifyRequest<{ Params: { erasure: string } }>) {
    const { tenant } = principalOf(request);
    const asked = requireId('erasure id', request.params.erasure);
    const erasure = await getErasure(this.reads.database, { tenant, id: asked });
    if (!erasure) throw new Problem('not_found', { detail: 'There is no such erasure.' });
    return erasureBody(erasure);
  }
}

function erasureBody(erasure: Erasure) {
  return {
    id: erasure.id,
    status: erasure.completedAt === undefined ? 'pending' : 'completed',
    kind: erasure.kind,
    subject_sha256: erasure.subjectDigest,
    requested_at: erasure.requestedAt,
    requested_by: erasure.requestedBy,
    completed_at: erasure.completedAt,
    receipt: erasure.receipt,
  };
}
