import { describe, expect, it } from '@jest/globals';
import { summary } from './summary.ts';

describe('summary', () => {
  const text = summary({
    ingestUrl: 'http://127.0.0.1:8080',
    realtimeUrl: 'http://127.0.0.1:8081',
    natsUrl: 'nats://127.0.0.1:4222',
    databaseUrl: 'postgres://postgres:pw@127.0.0.1:5432/runcast',
    apiKey: 'rck_key',
    home: '/clone/.runcast',
    demo: true,
  });

  it('is one table whose lines are equally long', () => {
    const table = text.split('\n').filter((line) => /^[┌│└]/.test(line));
    expect(table).toHaveLength(10);
    expect(new Set(table.map((line) => line.length)).size).toBe(1);
  });

  it('opens the console with the key in the part of the address that stays in the browser', () => {
    expect(text).toContain('http://127.0.0.1:8081/#key=rck_key ');
  });

  it('gives commands that can be copied as they are', () => {
    expect(text).toContain(
      "curl -N -H 'Authorization: Bearer rck_key' http://127.0.0.1:8081/v1/runs/my-first-run/stream",
    );
    expect(text).toMatch(/curl .*-d '\{"type":"run\.started",.*\}' http:\/\/127\.0\.0\.1:8080\/v1\/events/);
  });
});
