import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { backendVariables, configTable, loadConfig, serviceVariables, wholeNumber } from '@runcast/service-host';
import { schema } from './config.ts';

const BACKENDS = { NATS_URL: 'nats://localhost:4222', DATABASE_URL: 'postgres://localhost/runcast' };
const SIGNING_KEY = 'ab'.repeat(32);

/** The variables that only this service reads. */
function ownVariables() {
  const shared = new Set(Object.keys({ ...serviceVariables, ...backendVariables }));
  return Object.fromEntries(Object.entries(schema.shape).filter(([name]) => !shared.has(name)));
}

describe('configuration', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

  it('is on the page docs/configuration.md as the code reads it', () => {
    expect(page).toContain(`\n${configTable(ownVariables())}\n\n`);
  });

  it('would be found out for another default', () => {
    const other = { ...ownVariables(), RUNCAST_STALL_MS: wholeNumber({ min: 0, max: 9 }).default(1) };
    expect(page).not.toContain(configTable(other));
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
