import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

describe('readConfig', () => {
  it('needs no more than the API key', () => {
    expect(readConfig({ RUNCAST_API_KEY: 'k' })).toEqual({
      url: 'http://localhost:8080',
      realtimeUrl: 'http://localhost:8081',
      apiKey: 'k',
      intervalMs: 10_000,
      patienceMs: 12_000,
    });
  });

  it('takes every value from the environment', () => {
    const env = {
      RUNCAST_API_KEY: 'k',
      RUNCAST_URL: 'https://ingest.example/',
      RUNCAST_REALTIME_URL: 'https://live.example',
      RUNCAST_DEMO_INTERVAL_MS: '0',
    };
    expect(readConfig(env)).toMatchObject({
      url: 'https://ingest.example',
      realtimeUrl: 'https://live.example',
      intervalMs: 0,
    });
  });

  it('serves its agents where it is told of a NATS, as the user it is told', () => {
    const env = {
      RUNCAST_API_KEY: 'k',
      NATS_URL: 'nats://n:4222',
      RUNCAST_NAMESPACE: 'ns',
      NATS_USER: 'agent',
      NATS_PASSWORD: 'p',
    };
    expect(readConfig(env).serve).toEqual({
      natsUrl: 'nats://n:4222',
      tenant: 'demo',
      namespace: 'ns',
      login: { user: 'agent', password: 'p', inboxPrefix: '_INBOX' },
    });
  });

  it('names all that is wrong at once', () => {
    const read = (): unknown => readConfig({ RUNCAST_URL: 'localhost:8080', RUNCAST_DEMO_INTERVAL_MS: '-5' });
    expect(read).toThrow(/RUNCAST_URL: [^]*RUNCAST_API_KEY: is required[^]*RUNCAST_DEMO_INTERVAL_MS: /);
  });
});
