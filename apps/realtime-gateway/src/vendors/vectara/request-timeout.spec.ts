import { describe, expect, it } from '@jest/globals';
import { VectaraError } from './errors.ts';
import { requestTimeoutOf } from './request-timeout.ts';

const read = (headers: Record<string, string>) => requestTimeoutOf({ headers });

describe('the time that a request gives', () => {
  it.each([
    [{}, undefined],
    [{ 'request-timeout': '3' }, 3_000],
    [{ 'request-timeout-millis': '250' }, 250],
    [{ 'request-timeout': '3', 'request-timeout-millis': '250' }, 250],
    [{ 'request-timeout': '1', 'request-timeout-millis': '2500' }, 1_000],
    [{ 'request-timeout': '999999999999' }, 2_147_483_647],
  ])('%j is %j ms', (headers, ms) => {
    expect(read(headers)).toBe(ms);
  });

  it.each(['', '0', '-1', '1.5', 'soon', '1e3', '1'.repeat(13)])('%j is refused by its name', (value) => {
    for (const name of ['request-timeout', 'request-timeout-millis']) {
      expect(() => read({ [name]: value })).toThrow(VectaraError);
      expect(() => read({ [name]: value })).toThrow(`${name}: expected a whole number from 1 on`);
    }
  });
});
