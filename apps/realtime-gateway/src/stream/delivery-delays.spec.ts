import { describe, expect, it } from '@jest/globals';
import { timestampFromMs } from '@runcast/run-events';
import type { FeedEvent } from '../feeds/topic.ts';
import { DeliveryDelays } from './delivery-delays.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function storedAt(...ms: number[]): FeedEvent[] {
  return ms.map((at) => ({ receivedAt: timestampFromMs(START + at) }) as FeedEvent);
}

/** Delays with a clock and an end of the turn in the hands of the test. */
function delays() {
  const observed: number[] = [];
  const turns: (() => void)[] = [];
  let nowMs = 0;
  const measured = new DeliveryDelays(
    (seconds) => observed.push(seconds),
    () => START + nowMs,
    (work) => turns.push(work),
  );
  const written = (events: FeedEvent[], at: number): void => {
    nowMs = at;
    measured.written(events);
  };
  return { observed, written, endTurn: () => turns.splice(0).forEach((work) => work()) };
}

describe('delivery delays', () => {
  it('are those of the last client that was written the same, from its oldest event', () => {
    const { observed, written, endTurn } = delays();
    const events = storedAt(0, 8);
    for (const at of [10, 14, 25]) written(events, at);
    expect(observed).toEqual([]);
    endTurn();
    expect(observed).toEqual([0.025]);
  });

  it('are told of everything that is written, though other clients are handed something else in between', () => {
    const { observed, written, endTurn } = delays();
    written(storedAt(0), 5);
    written(storedAt(2), 9);
    endTurn();
    written(storedAt(20), 50);
    endTurn();
    expect(observed).toEqual([0.005, 0.007, 0.03]);
  });

  it('are never negative, whatever the clocks of two machines say', () => {
    const { observed, written, endTurn } = delays();
    written(storedAt(10), 5);
    endTurn();
    expect(observed).toEqual([0]);
  });
});
