import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LiveCredentials, type CredentialEnd } from './live-credentials.ts';

const principal = (keyId: string, expiresAtMs?: number) => ({
  tenant: 't',
  keyId,
  scopes: [],
  ...(expiresAtMs !== undefined && { expiresAtMs }),
});

const DAY_MS = 86_400_000;

describe('LiveCredentials', () => {
  let credentials: LiveCredentials;
  let ended: [string, CredentialEnd][];
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    credentials = new LiveCredentials();
    ended = [];
  });
  afterEach(() => void jest.useRealTimers());
  const watch = (name: string, keyId: string, expiresAtMs?: number) =>
    credentials.watch(principal(keyId, expiresAtMs), (why) => ended.push([name, why]));

  it('ends what a revoked key has opened, once, and nothing else', () => {
    watch('one', 'k1');
    watch('two', 'k1', 1_000);
    watch('other', 'k2');
    credentials.revoke('k1');
    credentials.revoke('k1');
    jest.advanceTimersByTime(DAY_MS);
    expect(ended).toEqual([
      ['one', 'revoked'],
      ['two', 'revoked'],
    ]);
  });

  it('ends what has expired, not a moment before, also when that is later than a timer can wait', () => {
    watch('soon', 'k', 1_000);
    watch('late', 'k', 60 * DAY_MS);
    watch('past', 'k', -5);
    jest.advanceTimersByTime(999);
    expect(ended).toEqual([['past', 'expired']]);
    jest.advanceTimersByTime(1);
    expect(ended).toHaveLength(2);
    jest.advanceTimersByTime(60 * DAY_MS - 1_001);
    expect(ended).toHaveLength(2);
    jest.advanceTimersByTime(1);
    expect(ended.at(-1)).toEqual(['late', 'expired']);
  });

  it('goes on with a newer credential, and forgets what has stopped', () => {
    watch('extended', 'k', 1_000).extend(principal('k', 5_000));
    watch('stopped', 'k', 1_000).stop();
    jest.advanceTimersByTime(4_999);
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ended).toEqual([['extended', 'expired']]);
  });
});
