import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { LeasedBuckets, Taken } from './leased-buckets.ts';

/** How many requests a key, and a tenant with all its keys, may make. */
export interface RateLimits {
  readonly perKey: LeasedBuckets;
  readonly perTenant: LeasedBuckets;
}

/** Counts every request that has a key against its limits, before its body is read. */
export function limitRates(fastify: FastifyInstance, limits: RateLimits): void {
  fastify.addHook('onRequest', ({ principal }, reply, done) => {
    if (principal === null) return done();
    const taken = takeRate(principal, limits, reply);
    // Tokens are at hand, nearly always: the path of every event must not pay for promises.
    if (taken instanceof Promise) taken.then(() => done(), done);
    else done();
  });
}

/** @throws {Problem} `rate_limited` */
function takeRate(principal: Principal, limits: RateLimits, reply: FastifyReply): void | Promise<void> {
  const key = limits.perKey.take(`key ${principal.keyId}`);
  if (key instanceof Promise) return key.then((taken) => takeOfTenant(principal, taken, limits, reply));
  return takeOfTenant(principal, key, limits, reply);
}

/** After what the key's own limit said. */
function takeOfTenant(
  { tenant }: Principal,
  key: Taken,
  { perKey, perTenant }: RateLimits,
  reply: FastifyReply,
): void | Promise<void> {
  sayRate(reply, perKey.perMinute, key);
  if (!key.ok) throw rateLimited(`This key may make ${perKey.perMinute} requests per minute.`, perKey.perMinute, key);
  const admit = (taken: Taken): void => {
    if (taken.ok) return;
    throw rateLimited(`This tenant may make ${perTenant.perMinute} requests per minute.`, perTenant.perMinute, taken);
  };
  const taken = perTenant.take(`tenant ${tenant}`);
  return taken instanceof Promise ? taken.then(admit) : admit(taken);
}

/** Tells a client how much it has left, so that it can slow down before it is refused. */
export function sayRate(reply: FastifyReply, perMinute: number, taken: Taken): void {
  if (perMinute > 0) reply.headers(rateHeaders(perMinute, taken));
}

export function rateLimited(detail: string, perMinute: number, taken: Extract<Taken, { ok: false }>): Problem {
  const { retryAfterSeconds } = taken;
  return new Problem('rate_limited', { detail, retryAfterSeconds, headers: rateHeaders(perMinute, taken) });
}

/** `RateLimit-Reset`: in how many seconds the next request passes, 0 when it does at once. */
function rateHeaders(perMinute: number, taken: Taken): Record<string, string> {
  return {
    'ratelimit-limit': `${perMinute}, ${perMinute};w=60`,
    'ratelimit-remaining': String(taken.ok ? taken.remaining : 0),
    'ratelimit-reset': String(taken.ok ? 0 : taken.retryAfterSeconds),
  };
}
