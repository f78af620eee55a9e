import type { problemBody } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';

const STATUS = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  agent_not_found: 404,
  session_not_found: 404,
  event_not_found: 404,
  request_timeout: 408,
  rate_limit_exceeded: 429,
  unavailable: 503,
  internal_error: 500,
} as const;

export type VectaraErrorCode = keyof typeof STATUS;

/** Something that is not there, in the words of the vendor, who tells three kinds of it apart. */
export class VectaraError extends Error {
  readonly status: number;

  constructor(
    readonly code: VectaraErrorCode,
    message: string,
  ) {
    super(message);
    this.status = STATUS[code];
  }
}

/** Runs a handler and answers what it says is wrong; anything else it throws goes the way of all errors. */
export async function answeringVectaraErrors(
  request: FastifyRequest,
  reply: FastifyReply,
  handle: () => Promise<void>,
): Promise<void> {
  try {
    await handle();
  } catch (error) {
    if (!(error instanceof VectaraError)) throw error;
    await reply.code(error.status).send(vectaraBody(error.code, error.message, request.id));
  }
}

/** The guide's code beside the specification's `messages` and `request_id`. */
function vectaraBody(code: VectaraErrorCode, message: string, requestId: string) {
  return { id: requestId, code, messages: [message], request_id: requestId };
}

export function vectaraErrorOf({ status, detail, request_id }: ReturnType<typeof problemBody>) {
  const code = (Object.keys(STATUS) as VectaraErrorCode[]).find((name) => STATUS[name] === status);
  const otherwise = status < 500 ? 'invalid_request' : 'internal_error';
  return vectaraBody(code ?? otherwise, detail, request_id);
}
