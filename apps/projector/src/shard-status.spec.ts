import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@runcast/read-models';
import { timestampToMs } from '@runcast/run-events';
import { ShardStatus } from './shard-status.ts';

const storedAt = '2026-11-21T10:00:00.000000Z';
const position = (sequence: number) => ({ shard: 0, epoch: 'e1', sequence });
const event: LogEntry = {
  kind: 'event',
  event: {
    id: 'e',
    tenant: 'acme',
    run: 'r1',
    type: 'run.started',
    level: 'info',
    occurredAt: storedAt,
    receivedAt: storedAt,
    dialect: 'runcast',
    data: {},
    raw: '{}',
    position: position(3),
  },
};
const link: LogEntry = { kind: 'link', link: { tenant: 'acme', session: 's1', run: 'r1', position: position(4) } };

describe('Lag', () => {
  const status = new ShardStatus(() => timestampToMs(storedAt) + 7_000);

  it('is the distance to the end of the log, and the age of the newest event in the tables', () => {
    status.sawLogEnd(10);
    expect(status.lag()).toEqual({ events: 10, seconds: 0 });
    status.committed([event, link]);
    expect(status.lag()).toEqual({ events: 6, seconds: 7 });
  });

  it('is nothing once the end has been reached, however old the newest event is', () => {
    status.reached(10);
    expect(status.lag()).toEqual({ events: 0, seconds: 0 });
    status.reached(12);
    expect(status.lag()).toEqual({ events: 0, seconds: 0 });
  });
});

describe('A shard is looked after', () => {
  it.each([
    ['starting', false],
    ['projecting', true],
    ['standby', true],
    ['retrying', false],
    ['refused', false],
  ] as const)('when %s: %s', (state, ready) => {
    const status = new ShardStatus(() => 0);
    status.become(state, 'why');
    expect(status.check()).toMatchObject({ ready, detail: 'why', facts: { state } });
  });
});
