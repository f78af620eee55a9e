import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@runcast/service-host';
import { schema } from './config.ts';

const BACKENDS = { NATS_URL: 'nats://localhost:4222', DATABASE_URL: 'postgres://localhost/runcast' };
const SIGNING_KEY = 'ab'.repeat(32);

describe('configuration', () => {
  it('names everything that is wrong with the settings of tokens and origins at once, beside all else', () => {
    const load = () => loadConfig(schema, { ...BACKENDS, RUNCAST_JWT_JWKS: 'keys', RUNCAST_ALLOWED_ORIGINS: '*' });
    for (const name of ['SIGNING_KEY', 'JWT_JWKS', 'JWT_ISSUER', 'JWT_AUDIENCE', 'ALLOWED_ORIGINS']) {
      expect(load).toThrow(new RegExp(`RUNCAST_${name}`));
    }
  });

  it('needs nothing but the two backends and a signing key', () => {
    const config = loadConfig(schema, { ...BACKENDS, RUNCAST_SIGNING_KEY: SIGNING_KEY });
    expect(config).toMatchObject({ PORT: 8080, RUNCAST_STALL_MS: 60_000, RUNCAST_TAIL_CHECK_MS: 1_000 });
  });

  it.each([
    ['of 62 digits', SIGNING_KEY.slice(2)],
    ['that is not hexadecimal', `${SIGNING_KEY.slice(1)}g`],
    ['', ''],
  ])('refuses a signing key %s without showing it', (_what, key) => {
    const load = () => loadConfig(schema, { ...BACKENDS, RUNCAST_SIGNING_KEY: key });
    expect(load).toThrow(/RUNCAST_SIGNING_KEY/);
    if (key !== '') expect(load).not.toThrow(new RegExp(key));
  });
});
