import type { problemBody } from '@runcast/service-host';

type ProblemBody = ReturnType<typeof problemBody>;

/** An answer in the vendor's form. */
export function zihinError(error: string, message: string, requestId: string, details?: unknown) {
  return { error, message, status: 'error', ...(details !== undefined && { details }), request_id: requestId };
}

/** What of ours they have no word for keeps its own. */
const THEIR_CODES: Partial<Record<ProblemBody['code'], string>> = {
  invalid_request: 'VALIDATION_ERROR',
  payload_too_large: 'VALIDATION_ERROR',
  forbidden: 'insufficient_permissions',
  rate_limited: 'rate_limit_exceeded',
  internal: 'STREAM_ERROR',
  unavailable: 'STREAM_ERROR',
  overloaded: 'STREAM_ERROR',
};

export function zihinErrorOf({ code, detail, errors, request_id }: ProblemBody, keyWasGiven: boolean) {
  const unknownKey = keyWasGiven ? 'invalid_api_key' : 'authentication_required';
  const error = code === 'unauthenticated' ? unknownKey : (THEIR_CODES[code] ?? code);
  return zihinError(error, detail, request_id, errors);
}
