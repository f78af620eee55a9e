import { types } from 'node:util';
import { HttpException } from '@nestjs/common';
import { codeForStatus, type ProblemCode } from './problem-codes.ts';
import { Problem } from './problem.ts';

/** An app's own table: which of its errors is which problem. `undefined` for errors it does not know. */
export type ExplainError = (error: unknown) => Problem | undefined;

/**
 * Gives every thrown thing its answer. What nobody knows becomes `internal` and says nothing about itself: its message
 * may hold a query, a path or a key.
 */
export function toProblem(error: unknown, explain: ExplainError = () => undefined): Problem {
  if (error instanceof Problem) return error;
  const explained = explain(error);
  if (explained) return explained;
  // Nest wraps Fastify's errors; the wrapped one knows more.
  if (error instanceof HttpException) return fromFramework(error.cause) ?? fromStatus(error.getStatus(), error);
  const known = fromFramework(error);
  if (known) return known;
  if (error instanceof URIError) return new Problem('invalid_request', { detail: BAD_URL, cause: error });
  return new Problem('internal', { detail: INTERNAL, cause: error });
}

const BAD_URL = 'The address holds a percent sign that is not followed by two hexadecimal digits of valid UTF-8.';
const INTERNAL = 'The error has been logged under this request_id.';

const FRAMEWORK: Record<string, { code: ProblemCode; detail: string }> = {
  FST_ERR_BAD_URL: { code: 'invalid_request', detail: BAD_URL },
  FST_ERR_MAX_PARAM_LENGTH: {
    code: 'uri_too_long',
    detail: 'A part of the path is too long; ids are at most 128 bytes.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'payload_too_large', detail: 'The body is larger than this address takes.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'Send the body as Content-Type: application/json, or application/x-ndjson where lines of JSON are taken.',
  },
};

/** Also true of errors that come from another realm, as Node's own do wherever code runs in a `vm` context. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** Errors of Fastify and Node that carry a client's fault; anything else is not theirs to answer. */
function fromFramework(error: unknown): Problem | undefined {
  if (!isError(error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(FRAMEWORK, code) ? FRAMEWORK[code] : undefined;
  if (known) return new Problem(known.code, { detail: known.detail, cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return fromStatus(statusCode, error);
  return undefined;
}

function fromStatus(status: number, cause: Error): Problem {
  const code = codeForStatus(status);
  return new Problem(code, { detail: code === 'internal' ? INTERNAL : cause.message, cause });
}
