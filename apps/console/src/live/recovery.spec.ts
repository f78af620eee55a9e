import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countRecovery, describeRecovery } from './recovery.ts';

const positions = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `0.e.${from + index}`);

describe('countRecovery', () => {
  it('counts a feed that kept its word', () => {
    expect(countRecovery(positions(1, 5), positions(6, 19), positions(6, 19))).toEqual({
      recovered: 14,
      lost: 0,
      doubled: 0,
    });
  });

  it.each([
    ['an event that never came', ['0.e.6', '0.e.8'], { recovered: 2, lost: 1, doubled: 0 }],
    ['an event that came twice', ['0.e.6', '0.e.7', '0.e.7', '0.e.8'], { recovered: 3, lost: 0, doubled: 1 }],
    ['an event that was there before', ['0.e.5', '0.e.6', '0.e.7', '0.e.8'], { recovered: 3, lost: 0, doubled: 1 }],
  ])('finds %s', (_what, received, counts) => {
    expect(countRecovery(positions(1, 5), received, positions(6, 8))).toEqual(counts);
  });

  it('takes what was stored after the question was asked for neither lost nor recovered', () => {
    expect(countRecovery([], positions(1, 9), positions(1, 4))).toEqual({ recovered: 4, lost: 0, doubled: 0 });
  });

  it('finds every loss and every double that is planted', () => {
    const plan = fc.array(fc.constantFrom('kept', 'dropped', 'twice'), { maxLength: 30 });
    fc.assert(
      fc.property(plan, (fates) => {
        const stored = fates.map((_, index) => `0.e.${index + 1}`);
        const received = fates.flatMap((fate, index) => Array<string>(COPIES[fate]).fill(stored[index]!));
        const count = (fate: string) => fates.filter((each) => each === fate).length;
        expect(countRecovery([], received, stored)).toEqual({
          recovered: count('kept') + count('twice'),
          lost: count('dropped'),
          doubled: count('twice'),
        });
      }),
    );
  });
});

const COPIES = { kept: 1, dropped: 0, twice: 2 } as const;

it('describeRecovery says it in one line', () => {
  expect(describeRecovery({ recovered: 14, lost: 0, doubled: 0 })).toBe('14 events recovered, 0 lost, 0 doubled');
  expect(describeRecovery({ recovered: 1, lost: 2, doubled: 3 })).toBe('1 event recovered, 2 lost, 3 doubled');
});
