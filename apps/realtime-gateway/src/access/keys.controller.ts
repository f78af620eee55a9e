import { Controller, Delete, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiKeys, type ApiKey, type CreatedKey } from '@runcast/read-models';
import { principalOf, Problem, Requires, SCOPES } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireId } from '../stream/feed-request.ts';
import { id } from '../vendors/fields.ts';
import { readBody } from '../vendors/read-body.ts';

const MAX_NAMES = 100;
const NAMES = `a list of 1 to ${MAX_NAMES} ids`;
const names = z.array(id, NAMES).min(1, NAMES).max(MAX_NAMES, NAMES);
const SCOPE_LIST = `a list of at least one of ${SCOPES.join(', ')}`;

export const body = z.strictObject({
  name: id,
  scopes: z.array(z.enum(SCOPES, SCOPE_LIST), SCOPE_LIST).min(1, SCOPE_LIST),
  agents: names.optional(),
  sessions: names.optional(),
});

/** The keys of the caller's own tenant. Another tenant's are made by whoever runs Runcast: `runcast keys`. */
@Controller('v1/keys')
export class KeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Get()
  @Requires('admin')
  async list(@Req() request: FastifyRequest) {
    const { tenant } = principalOf(request);
    return { keys: (await this.keys.list({ tenant })).map(keyBody) };
  }

  /** The one answer that holds the key itself. */
  @Post()
  @HttpCode(201)
  @Requires('admin')
  async create(@Req() request: FastifyRequest): Promise<CreatedKey> {
    const { tenant, keyId: actor } = principalOf(request);
    const { value } = readBody(request, body);
    return this.keys.create({ tenant, actor, ...value });
  }

  @Delete(':key')
  @HttpCode(204)
  @Requires('admin')
  async revoke(@Req() request: FastifyRequest<{ Params: { key: string } }>): Promise<void> {
    const { tenant, keyId: actor } = principalOf(request);
    const key = requireId('key id', request.params.key);
    if (await this.keys.revoke({ tenant, actor, id: key })) return;
    throw new Problem('not_found', { detail: 'There is no such key, or it was revoked before.' });
  }
}

function keyBody(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    agents: key.agents,
    sessions: key.sessions,
    created_at: key.createdAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
  };
}
