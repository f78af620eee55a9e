import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@runcast/service-host';
import { configSchema } from './config.ts';

const BACKENDS = { NATS_URL: 'nats://localhost:4222', DATABASE_URL: 'postgres://localhost/runcast' };

describe('configuration', () => {
  it('needs nothing but the two backends', () => {
    const config = loadConfig(configSchema, BACKENDS);
    expect(config).toMatchObject({ RUNCAST_LEASE_MS: 10_000, RUNCAST_BATCH_ENTRIES: 1_000, RUNCAST_SHARDS: 1 });
  });

  it('names all that is wrong at once', () => {
    const load = () => loadConfig(configSchema, { ...BACKENDS, RUNCAST_LEASE_MS: '999', RUNCAST_BATCH_ENTRIES: '0' });
    expect(load).toThrow(/RUNCAST_LEASE_MS[^]*RUNCAST_BATCH_ENTRIES/);
  });
});
