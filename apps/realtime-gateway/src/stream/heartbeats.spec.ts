import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Heartbeats } from './heartbeats.ts';

const INTERVAL_MS = 3_200;

describe('the heartbeats', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('beat everybody once an interval, whenever they came', () => {
    const heartbeats = new Heartbeats(INTERVAL_MS);
    const beats = [0, 0, 0];
    beats.forEach((_, index) => {
      heartbeats.add({ beat: () => (beats[index]! += 1) });
      jest.advanceTimersByTime(1_000);
    });
    jest.advanceTimersByTime(10 * INTERVAL_MS - 3_000);
    expect(beats).toEqual([10, 9, 9]);
    heartbeats.stop();
  });

  it('leave nearly a whole interval before the first', () => {
    const heartbeats = new Heartbeats(INTERVAL_MS);
    let beats = 0;
    heartbeats.add({ beat: () => (beats += 1) });
    jest.advanceTimersByTime(INTERVAL_MS - 1);
    expect(beats).toBe(0);
    jest.advanceTimersByTime(1);
    expect(beats).toBe(1);
    heartbeats.stop();
  });

  it('forget who has left, and none of the others', () => {
    const heartbeats = new Heartbeats(INTERVAL_MS);
    const beaten: string[] = [];
    const leave = heartbeats.add({ beat: () => beaten.push('left') });
    heartbeats.add({ beat: () => beaten.push('stayed') });
    leave();
    jest.advanceTimersByTime(2 * INTERVAL_MS);
    expect(beaten).toEqual(['stayed', 'stayed']);
    heartbeats.stop();
  });
});
