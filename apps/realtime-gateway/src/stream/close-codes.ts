/**
 * Why a WebSocket is closed, and what the client should do. One table; docs/close-codes.md lists the same and a spec
 * compares the two. From 4000 on the range tells: 40xx come back with the last position, 45xx do not come back.
 */
export const CLOSE_CODES = {
  ended: { code: 1000, reason: 'the run has ended', reconnect: false },
  restart: { code: 1012, reason: 'this server is restarting', reconnect: true },
  'slow-reader': { code: 4000, reason: 'the client did not read for too long', reconnect: true },
  unresponsive: { code: 4001, reason: 'no answer to pings', reconnect: true },
  fault: { code: 4002, reason: 'something went wrong on our side', reconnect: true },
  revoked: { code: 4500, reason: 'the API key was revoked', reconnect: false },
  expired: { code: 4501, reason: 'the credential has expired', reconnect: false },
  erased: { code: 4502, reason: 'the run was erased', reconnect: false },
} as const satisfies Record<string, CloseCode>;

export interface CloseCode {
  readonly code: number;
  /** At most 123 bytes, as RFC 6455 demands. */
  readonly reason: string;
  readonly reconnect: boolean;
}

export type CloseReason = keyof typeof CLOSE_CODES;
