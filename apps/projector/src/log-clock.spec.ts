import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@runcast/read-models';
import { timestampFromMs } from '@runcast/run-events';
import { LogClock } from './log-clock.ts';

const START = Date.UTC(2026, 10, 21);
const MINUTE = 60_000;

function at(ms: number): LogEntry {
  const event = {
    id: `e-${ms}`,
    tenant: 'acme',
    run: 'r1',
    type: 'step.started',
    level: 'info' as const,
    occurredAt: timestampFromMs(START),
    receivedAt: timestampFromMs(START + ms),
    dialect: 'runcast' as const,
    data: {},
    raw: '{}',
    position: { shard: 0, epoch: 'e1', sequence: 1 },
  };
  return { kind: 'event', event };
}

function clockAt(rememberedMs = 15 * MINUTE) {
  const process = { ms: 0 };
  const clock = new LogClock({ elapsed: () => process.ms, quietMs: MINUTE, rememberedMs });
  return { process, clock };
}

describe("The log's time", () => {
  it('is unknown before the first event', () => {
    const { clock } = clockAt();
    expect(clock.now()).toBeUndefined();
    clock.read([]);
    expect(clock.silences()).toEqual([]);
  });

  it('is that of the newest event, and what has passed since it was read', () => {
    const { process, clock } = clockAt();
    clock.read([at(0), at(500)]);
    process.ms += 2_500;
    expect(clock.now()).toBe(timestampFromMs(START + 3_000));
  });

  it('goes back when the tables lag: what is read late was stored long ago', () => {
    const { process, clock } = clockAt();
    clock.read([at(0)]);
    process.ms += 10 * MINUTE;
    clock.read([at(1_000)]);
    expect(clock.now()).toBe(timestampFromMs(START + 1_000));
  });
});

describe('A silence', () => {
  it('is a gap between two events of more than a minute, wherever a batch ends', () => {
    const { clock } = clockAt();
    clock.read([at(0), at(MINUTE), at(5 * MINUTE)]);
    clock.read([at(7 * MINUTE)]);
    expect(clock.silences()).toEqual([
      { until: timestampFromMs(START + 5 * MINUTE), ms: 4 * MINUTE },
      { until: timestampFromMs(START + 7 * MINUTE), ms: 2 * MINUTE },
    ]);
  });

  it('counts while it lasts', () => {
    const { process, clock } = clockAt();
    clock.read([at(0)]);
    process.ms = MINUTE;
    expect(clock.silences()).toEqual([]);
    process.ms = 3 * MINUTE;
    expect(clock.silences()).toEqual([{ until: timestampFromMs(START + 3 * MINUTE), ms: 3 * MINUTE }]);
  });

  it('is forgotten when newer ones are worth all that is allowed', () => {
    const { clock } = clockAt(10 * MINUTE);
    for (let minute = 0; minute <= 100; minute += 5) clock.read([at(minute * MINUTE)]);
    expect(clock.silences().map(({ ms }) => ms)).toEqual([5 * MINUTE, 5 * MINUTE]);
  });
});
