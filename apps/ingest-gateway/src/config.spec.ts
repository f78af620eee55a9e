import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configTable, loadConfig } from '@runcast/service-host';
import { configSchema, ingestVariables } from './config.ts';

describe('configuration', () => {
  it('is on the page docs/configuration.md as the code reads it', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    expect(page).toContain(configTable(ingestVariables));
  });

  it('needs nothing but the two backends', () => {
    const env = { NATS_URL: 'nats://localhost:4222', DATABASE_URL: 'postgres://localhost/runcast' };
    expect(loadConfig(configSchema, env)).toMatchObject({ PORT: 8080, RUNCAST_AGENT_OS_RATE_PER_MINUTE: 200 });
  });
});
