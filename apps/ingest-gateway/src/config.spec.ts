import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@runcast/service-host';
import { configSchema } from './config.ts';

describe('configuration', () => {
  it('needs nothing but the two backends', () => {
    const env = { NATS_URL: 'nats://localhost:4222', DATABASE_URL: 'postgres://localhost/runcast' };
    expect(loadConfig(configSchema, env)).toMatchObject({ PORT: 8080, RUNCAST_AGENT_OS_RATE_PER_MINUTE: 200 });
  });
});
