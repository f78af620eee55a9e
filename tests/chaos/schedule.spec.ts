import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, schedule, SHORT_KINDS, type FaultKind } from './schedule.ts';
import { seeded } from './seeded.ts';

const ALL = Object.keys(FAULT_KINDS) as FaultKind[];

describe('schedule', () => {
  it('is the same for the same seed and another for another', () => {
    expect(schedule(7, ALL, 60)).toEqual(schedule(7, ALL, 60));
    expect(schedule(7, ALL, 60)).not.toEqual(schedule(8, ALL, 60));
  });

  it('has every kind once before any comes twice', () => {
    const kinds = schedule(3, ALL, 2 * ALL.length).map(({ kind }) => kind);
    expect(new Set(kinds.slice(0, ALL.length)).size).toBe(ALL.length);
    expect(new Set(kinds.slice(ALL.length)).size).toBe(ALL.length);
  });

  it('has at least eight faults of the short kinds to choose from', () => {
    expect(new Set(SHORT_KINDS).size).toBeGreaterThanOrEqual(8);
  });
});

describe('seeded', () => {
  it('stays within its bounds and reaches both', () => {
    const random = seeded(1);
    const drawn = Array.from({ length: 1_000 }, () => random.between(2, 5));
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([2, 5]);
    expect(random.shuffled([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
  });
});
