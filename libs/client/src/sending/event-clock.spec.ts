import { describe, expect, it } from '@jest/globals';
import { createEventClock } from './event-clock.ts';

function clockOver(...readings: number[]): () => string {
  return createEventClock(() => readings.shift()!);
}

const noon = Date.UTC(2026, 10, 21, 12);

describe('the event clock', () => {
  it('stamps in RFC 3339 with six digits', () => {
    expect(clockOver(noon + 5)()).toBe('2026-11-21T12:00:00.005000Z');
  });

  it('gives events of the same millisecond times in their order', () => {
    const stamp = clockOver(noon, noon, noon);
    expect([stamp(), stamp(), stamp()]).toEqual([
      '2026-11-21T12:00:00.000000Z',
      '2026-11-21T12:00:00.000001Z',
      '2026-11-21T12:00:00.000002Z',
    ]);
  });

  it('does not run backwards when the wall clock jitters', () => {
    const stamp = clockOver(noon, noon - 900);
    expect([stamp(), stamp()]).toEqual(['2026-11-21T12:00:00.000000Z', '2026-11-21T12:00:00.000001Z']);
  });

  it('follows the wall clock when it is set back', () => {
    const stamp = clockOver(noon, noon - 3_600_000);
    stamp();
    expect(stamp()).toBe('2026-11-21T11:00:00.000000Z');
  });
});
