import { describe, expect, it } from '@jest/globals';
import { failureOf, UnfoldableEntryError } from './failures.ts';

describe('failureOf', () => {
  it.each([
    ['22P05', 'content'],
    ['23514', 'content'],
    ['54001', 'content'],
    ['08006', 'infrastructure'],
    ['40001', 'infrastructure'],
    ['42P01', 'infrastructure'],
    ['53100', 'infrastructure'],
    ['57P01', 'infrastructure'],
    ['57014', 'infrastructure'],
    ['XX000', 'infrastructure'],
    ['99999', 'infrastructure'],
    ['ECONNRESET', 'infrastructure'],
    ['EPIPE', 'infrastructure'],
  ])('%s is %s', (code, expected) => {
    expect(failureOf(Object.assign(new Error('x'), { code }))).toBe(expected);
  });

  it('takes what it does not know for infrastructure, which parks nothing', () => {
    expect([new Error('Connection terminated unexpectedly'), undefined, null, 'text', 7].map(failureOf)).toEqual(
      Array(5).fill('infrastructure'),
    );
  });

  it('takes an entry that cannot be folded for content', () => {
    expect(failureOf(new UnfoldableEntryError(new TypeError('no')))).toBe('content');
  });
});
