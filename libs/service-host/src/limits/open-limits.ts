import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import { TokenBuckets } from './token-buckets.ts';

/** How much may be open at a time in this process: requests under way, streams and WebSockets. 0 is no limit. */
export interface OpenMaxima {
  readonly total: number;
  readonly perTenant: number;
  readonly perKey: number;
  readonly perAddress: number;
}

export interface Caller {
  readonly tenant: string;
  readonly keyId: string;
  /** As the network says: behind a proxy, the proxy's. */
  readonly address: string;
}

/** Counts what is open, so that one caller cannot hold all that a replica can hold. */
export class OpenLimits {
  private readonly counts = new Map<string, number>();
  private readonly maxima: OpenMaxima;
  private total = 0;

  constructor(maxima: OpenMaxima) {
    this.maxima = maxima;
  }

  /**
   * Admits one more; call the result when it has ended.
   *
   * @throws {Problem} `rate_limited` for a caller that has too much open, `overloaded` for a replica that is full
   */
  admit({ tenant, keyId, address }: Caller): () => void {
    const { total, perTenant, perKey, perAddress } = this.maxima;
    if (total > 0 && this.total >= total) {
      throw new Problem('overloaded', { detail: 'This server has as much open as it takes.', retryAfterSeconds: 2 });
    }
    const names: string[] = [];
    if (perTenant > 0) names.push(this.nameWithRoom('tenant', tenant, perTenant));
    if (perKey > 0) names.push(this.nameWithRoom('key', keyId, perKey));
    if (perAddress > 0) names.push(this.nameWithRoom('address', address, perAddress));
    return this.count(names);
  }

  /** @throws {Problem} `rate_limited` when there is no room */
  private nameWithRoom(whose: 'tenant' | 'key' | 'address', which: string, max: number): string {
    const name = `${whose} ${which}`;
    if ((this.counts.get(name) ?? 0) < max) return name;
    const detail = `This ${whose} may have ${max} requests and streams open at a time on one server.`;
    throw new Problem('rate_limited', { detail, retryAfterSeconds: 2 });
  }

  private count(names: readonly string[]): () => void {
    this.total += 1;
    for (const name of names) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.total -= 1;
      for (const name of names) this.less(name);
    };
  }

  /** A name that has nothing open any more is forgotten, or the map would grow with every address that ever came. */
  private less(name: string): void {
    const left = this.counts.get(name)! - 1;
    if (left === 0) this.counts.delete(name);
    else this.counts.set(name, left);
  }
}

/** Counts every request that has a key while it is open; a stream is a request that takes long. */
export function limitOpen(fastify: FastifyInstance, limits: OpenLimits): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.principal === null) return done();
    const { tenant, keyId } = request.principal;
    reply.raw.on('close', limits.admit({ tenant, keyId, address: request.ip }));
    done();
  });
}

/**
 * Closes connections of an address that opens more than so many a second, before a byte of them is read: an answer would cost
 * what the limit is there to save.
 */
export function limitNewConnections(server: Server, perSecond: number, now: () => number = Date.now): void {
  if (perSecond === 0) return;
  // A second's worth may come at once: a bucket that is a minute deep would let sixty times as many through.
  const buckets = new TokenBuckets(perSecond, 10_000, 1_000);
  server.prependListener('connection', (socket: Socket) => {
    if (!buckets.take(socket.remoteAddress ?? '', now()).ok) socket.destroy();
  });
}
