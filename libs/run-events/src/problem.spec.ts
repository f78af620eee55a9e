import { describe, expect, it } from '@jest/globals';
import { describeFound } from './problem.ts';

describe('describeFound', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    ['short', 'a string of 5 characters'],
    [7, 'a number'],
    [true, 'the boolean true'],
    [[1, 2], 'an array of 2'],
    [{ secret: 1 }, 'an object'],
  ])('%j is %s', (value, expected) => {
    expect(describeFound(value)).toBe(expected);
  });

  it('does not repeat long texts: they may be secrets, and they fill logs', () => {
    expect(describeFound('x'.repeat(41))).toBe('a string of 41 characters');
  });
});
