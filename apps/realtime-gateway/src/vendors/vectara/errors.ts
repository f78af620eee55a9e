import type { Problem } from '@runcast/service-host';

const STATUS = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  agent_not_found: 404,
  session_not_found: 404,
  rate_limit_exceeded: 429,
  unavailable: 503,
  internal_error: 500,
} as const;

export type VectaraErrorCode = keyof typeof STATUS;

/** An answer in the vendor's form: the guide's code beside the specification's `messages` and `request_id`. */
export class VectaraError extends Error {
  readonly status: number;

  constructor(
    readonly code: VectaraErrorCode,
    message: string,
  ) {
    super(message);
    this.status = STATUS[code];
  }

  body(requestId: string) {
    return { id: requestId, code: this.code, messages: [this.message], request_id: requestId };
  }
}

export function vectaraErrorOf(problem: Problem): VectaraError {
  const code = (Object.keys(STATUS) as VectaraErrorCode[]).find((name) => STATUS[name] === problem.status);
  return new VectaraError(code ?? (problem.status < 500 ? 'invalid_request' : 'internal_error'), problem.facts.detail);
}
