/**
 * Every error a Runcast service answers with, in one place. `retry` says whether sending the same request again can
 * help. The page docs/errors.md lists the same codes; a spec compares the two.
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request cannot be understood', retry: 'no' },
  invalid_event: { status: 400, title: 'The event is not valid', retry: 'no' },
  unauthenticated: { status: 401, title: 'An API key is required', retry: 'no' },
  forbidden: { status: 403, title: 'The API key does not allow this', retry: 'no' },
  not_found: { status: 404, title: 'There is nothing here', retry: 'no' },
  method_not_allowed: { status: 405, title: 'This address does not take this method', retry: 'no' },
  not_acceptable: { status: 406, title: 'No such representation', retry: 'no' },
  request_timeout: { status: 408, title: 'The request took too long to arrive', retry: 'yes' },
  event_conflict: { status: 409, title: 'Another event has this id', retry: 'no' },
  not_waiting: { status: 409, title: 'Nobody waits for this answer', retry: 'no' },
  held: { status: 409, title: 'A legal hold or an erasure stands in the way', retry: 'no' },
  gone: { status: 410, title: 'This is no longer available', retry: 'no' },
  erased: { status: 410, title: 'The run was erased', retry: 'no' },
  payload_too_large: { status: 413, title: 'The body is too large', retry: 'no' },
  uri_too_long: { status: 414, title: 'The address is too long', retry: 'no' },
  unsupported_media_type: { status: 415, title: 'The body has a type that is not taken', retry: 'no' },
  rate_limited: { status: 429, title: 'Too many requests', retry: 'after' },
  headers_too_large: { status: 431, title: 'The headers are too large', retry: 'no' },
  internal: { status: 500, title: 'Something went wrong on our side', retry: 'yes' },
  unavailable: { status: 503, title: 'Temporarily not available', retry: 'after' },
  overloaded: { status: 503, title: 'Too much is under way', retry: 'after' },
} as const satisfies Record<string, ProblemKind>;

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** `after`: once the time in Retry-After has passed. */
  readonly retry: 'no' | 'yes' | 'after';
}

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** The code that says what an HTTP status says, for errors that come with nothing more. */
export function codeForStatus(status: number): ProblemCode {
  const exact = PROBLEM_CODES.find((code) => PROBLEMS[code].status === status);
  if (exact) return exact;
  return status >= 400 && status < 500 ? 'invalid_request' : 'internal';
}
