import type { FastifyReply } from 'fastify';

/** After the limit the client is answered, so its connection has to live a little longer. */
const GRACE_MS = 10_000;

/**
 * Aborts when the client leaves or has waited for `limitMs`. Until then its silent connection is kept: the server's idle
 * limit is for those who say nothing, not for those who are kept waiting by us.
 */
export function waitingClient(reply: FastifyReply, limitMs: number): AbortSignal {
  const left = new AbortController();
  reply.raw.on('close', () => left.abort());
  if (reply.raw.destroyed) left.abort();
  reply.raw.socket?.setTimeout(limitMs + GRACE_MS);
  return AbortSignal.any([left.signal, AbortSignal.timeout(limitMs)]);
}
