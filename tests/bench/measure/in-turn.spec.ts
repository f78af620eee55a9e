import { describe, expect, it } from '@jest/globals';
import { inTurn, median, ratio, spread } from './in-turn.ts';

describe('rounds in turn', () => {
  it('measures everybody in every round, and nobody always first', async () => {
    const order: string[] = [];
    const contender = (name: string) => ({ name, measure: () => Promise.resolve(order.push(name)) });
    const rounds = await inTurn([contender('a'), contender('b')], 3);
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
    expect(rounds.get('a')).toEqual([1, 4, 5]);
    expect(rounds.get('b')).toEqual([2, 3, 6]);
  });

  it('takes the middle value', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('tells how far the rounds lie apart', () => {
    expect(spread([90, 100, 120])).toBeCloseTo(0.3);
    expect(spread([7])).toBe(0);
  });

  it('compares round with round, so that a machine that was busy for one round says nothing', () => {
    expect(ratio([50, 5, 50], [100, 10, 100])).toBe(0.5);
    // The control: medians of each side would be fooled by rounds that were slow for everybody.
    expect(ratio([50, 5, 5], [100, 10, 100])).not.toBe(median([50, 5, 5]) / median([100, 10, 100]));
  });
});
