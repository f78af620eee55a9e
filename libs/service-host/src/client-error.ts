import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ProblemCode } from './problem-codes.ts';
import { Problem, PROBLEM_CONTENT_TYPE, problemBody } from './problem.ts';
import { SECURITY_HEADER_LINES } from './security-headers.ts';

/** Answers what is too broken to become a request: the parser refused it, or it took too long to arrive. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // The other side is gone, or an answer is already on its way: bytes written now would fall into the middle of it.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy(error);
    return;
  }
  socket.end(clientErrorResponse(error.code, randomUUID()));
}

/** The whole response, as the bytes to write. */
export function clientErrorResponse(errorCode: string | undefined, requestId: string): string {
  const { code, detail } = REASONS[errorCode ?? ''] ?? MALFORMED;
  const problem = new Problem(code, { detail });
  const body = JSON.stringify(problemBody(problem, requestId));
  return [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...SECURITY_HEADER_LINES,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

const MALFORMED = { code: 'invalid_request', detail: 'This is not an HTTP request.' } as const;

const REASONS: Record<string, { code: ProblemCode; detail: string }> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', detail: 'All headers together may be 16 KiB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', detail: 'The request did not arrive in time.' },
};

function isAnswering(socket: Socket): boolean {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  return response?.headersSent === true;
}
