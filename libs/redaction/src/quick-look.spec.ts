import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STANDARD_DETECTORS } from './detectors.ts';
import { SECRETS } from './made-up-secrets.fixture.ts';
import { mayHoldSecret } from './quick-look.ts';
import { SecretNames } from './secret-names.ts';

const NAMES = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'api_key',
  'apiKey',
  'private-key',
  'access key',
  'account.key',
  'accessToken',
  'refresh_token',
  'token',
  'ticket',
  'Authorization',
  'Cookie',
  'credentials',
  'connection_string',
  'pwd',
  'jwt',
  'cvv',
  'cvc',
];
const names = new SecretNames([], []);
const text = fc.array(
  fc.oneof(
    fc.constantFrom(...NAMES, ...SECRETS.map(([, secret]) => secret), 'Bearer ', '://u:', '@h', '?key=', '&sig='),
    fc.constantFrom('=', ': ', '"', ' ', '\\', 'value1234', '\n'),
    fc.string(),
  ),
);

describe('the quick look', () => {
  it('sees every text that a detector changes', () => {
    let changed = 0;
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.join('');
        const isChanged = STANDARD_DETECTORS.some(({ redact }) => redact(whole) !== whole);
        if (isChanged) changed += 1;
        return !isChanged || mayHoldSecret(whole);
      }),
      { numRuns: 2_000 },
    );
    expect(changed).toBeGreaterThan(100);
  });

  it.each(NAMES)('sees the name %s', (name) => {
    expect(names.judge(name)).not.toBe('harmless');
    expect([name, name.toUpperCase(), `x${name}`].map(mayHoldSecret)).toEqual([true, true, true]);
  });

  it('passes over an ordinary event', () => {
    const event = {
      type: 'llm-call.completed',
      data: { model: 'm', usage: { prompt_tokens: 3 }, url: 'https://a.b/c?d=e' },
    };
    expect(mayHoldSecret(JSON.stringify(event))).toBe(false);
  });
});
