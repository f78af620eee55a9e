import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { backendVariables, configTable, loadConfig, serviceVariables, wholeNumber } from '@runcast/service-host';
import { configSchema } from './config.ts';

const BACKENDS = { NATS_URL: 'nats://localhost:4222', DATABASE_URL: 'postgres://localhost/runcast' };

/** The variables that only this service reads. */
function ownVariables() {
  const shared = new Set(Object.keys({ ...serviceVariables, ...backendVariables }));
  return Object.fromEntries(Object.entries(configSchema.shape).filter(([name]) => !shared.has(name)));
}

describe('configuration', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

  it('is on the page docs/configuration.md as the code reads it', () => {
    expect(page).toContain(`\n${configTable(ownVariables())}\n\n`);
  });

  it('would be found out for another default', () => {
    const other = { ...ownVariables(), RUNCAST_LEASE_MS: wholeNumber({ min: 0, max: 9 }).default(1) };
    expect(page).not.toContain(configTable(other));
  });

  it('needs nothing but the two backends', () => {
    const config = loadConfig(configSchema, BACKENDS);
    expect(config).toMatchObject({ RUNCAST_LEASE_MS: 10_000, RUNCAST_BATCH_ENTRIES: 1_000, RUNCAST_SHARDS: 1 });
  });

  it('names all that is wrong at once', () => {
    const load = () => loadConfig(configSchema, { ...BACKENDS, RUNCAST_LEASE_MS: '999', RUNCAST_BATCH_ENTRIES: '0' });
    expect(load).toThrow(/RUNCAST_LEASE_MS[^]*RUNCAST_BATCH_ENTRIES/);
  });
});
