import { hash } from 'node:crypto';

/**
 * The shard in which a tenant's events live. A tenant lives in exactly one, so its order is total. The number of
 * shards is therefore frozen once events exist: the stream's metadata holds it and a different setting fails at start.
 */
export function shardOf(tenant: string, shards: number): number {
  if (shards === 1) return 0;
  return parseInt(hash('sha256', tenant, 'hex').slice(0, 8), 16) % shards;
}
