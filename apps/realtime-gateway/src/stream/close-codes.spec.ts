import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CLOSE_CODES } from './close-codes.ts';

const ROW = /^\| (\d{4}) \| ([^|]+) \| (yes|no) \|/gm;

function documented(page: string) {
  return [...page.matchAll(ROW)].map(([, code, reason, comeBack]) => ({
    code: Number(code),
    reason,
    reconnect: comeBack === 'yes',
  }));
}

describe('docs/close-codes.md', () => {
  const page = readFileSync(new URL('../../../../docs/close-codes.md', import.meta.url), 'utf8');
  const codes = Object.values(CLOSE_CODES);

  it('lists exactly the codes that exist, with their reason and whether to come back', () => {
    expect(documented(page)).toEqual(codes);
  });

  it.each([
    ['another code', '| 4001 |', '| 4003 |'],
    ['another reason', 'this server is restarting', 'this server is gone'],
    ['other advice', 'no answer to pings | yes |', 'no answer to pings | no |'],
  ])('would be found out for %s', (_what, right, wrong) => {
    expect(page).toContain(right);
    expect(documented(page.replace(right, wrong))).not.toEqual(codes);
  });
});

describe('CLOSE_CODES', () => {
  it.each(Object.values(CLOSE_CODES).filter(({ code }) => code >= 4000))(
    'tells by the range whether to come back after $code',
    ({ code, reconnect }) => {
      expect(reconnect).toBe(code < 4500);
    },
  );

  it.each(Object.values(CLOSE_CODES))('gives $code a reason that fits into a close frame', ({ reason }) => {
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });
});
