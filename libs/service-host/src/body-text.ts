import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

/** What a body may be called. All of them are handed on as text: what it means is decided by who knows the format. */
const BODY_TYPES = ['application/json', 'application/x-ndjson', 'application/ndjson', 'text/plain'];

/**
 * Makes every request's body the exact text that was sent. Fastify's own JSON parser would refuse honest payloads with a
 * key `__proto__`, and would leave nothing of the bytes that the log has to keep.
 */
export function takeBodiesAsText(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(BODY_TYPES, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, decodeUtf8(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws {Problem} when the bytes are not UTF-8. Lenient decoding would turn two different ids into the same U+FFFD. */
export function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new Problem('invalid_request', {
    detail: 'The body is not valid UTF-8.',
    errors: [{ field: '', expected: 'well-formed UTF-8' }],
  });
}
