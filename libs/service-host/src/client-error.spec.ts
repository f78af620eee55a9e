import { describe, expect, it } from '@jest/globals';
import { clientErrorResponse } from './client-error.ts';

describe('clientErrorResponse', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', 431],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
    ['HPE_INVALID_METHOD', 400],
    [undefined, 400],
  ])('is a whole HTTP response for %s', (errorCode, status) => {
    const [head, body] = clientErrorResponse(errorCode, 'r1').split('\r\n\r\n') as [string, string];
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain("\r\ncontent-security-policy: default-src 'none'");
    expect(head).toContain('\r\nx-content-type-options: nosniff');
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({ status, request_id: 'r1' });
  });
});
