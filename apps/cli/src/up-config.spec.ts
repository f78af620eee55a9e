import { describe, expect, it } from '@jest/globals';
import { readUpConfig } from './up-config.ts';

describe('readUpConfig', () => {
  it('needs nothing to be set', () => {
    const config = readUpConfig({}, '/clone');
    expect(config).toMatchObject({ home: '/clone/.runcast', host: '127.0.0.1', demo: true, shards: '1' });
    expect(config.ports.ingest).toEqual({ variable: 'RUNCAST_INGEST_PORT', port: 8080, chosen: false });
    expect(config.ports.realtime.port).toBe(8081);
  });

  it('tells a chosen port from any free one', () => {
    const { ports } = readUpConfig({ RUNCAST_INGEST_PORT: '9000', RUNCAST_REALTIME_PORT: '0' }, '/clone');
    expect(ports.ingest).toMatchObject({ port: 9000, chosen: true });
    expect(ports.realtime).toMatchObject({ port: 0, chosen: false });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readUpConfig({ RUNCAST_NATS_PORT: '', NATS_URL: ' ' }, '/clone')).toMatchObject({ natsUrl: undefined });
  });

  it('keeps an absolute home and resolves a relative one against the clone', () => {
    expect(readUpConfig({ RUNCAST_HOME: '/data' }, '/clone').home).toBe('/data');
    expect(readUpConfig({ RUNCAST_HOME: 'data' }, '/clone').home).toBe('/clone/data');
  });

  it('names all that is wrong at once', () => {
    const read = (): unknown =>
      readUpConfig({ RUNCAST_INGEST_PORT: '80x', RUNCAST_NATS_PORT: '65536', RUNCAST_DEMO: 'maybe' }, '/clone');
    expect(read).toThrow(/RUNCAST_INGEST_PORT[^]*RUNCAST_NATS_PORT[^]*RUNCAST_DEMO/);
  });
});
