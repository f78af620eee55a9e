import { describe, expect, it } from '@jest/globals';
import { isAtLeast } from './nats-version.ts';

describe('isAtLeast', () => {
  it.each([
    ['2.12.0', '2.12.0', true],
    ['2.15.1', '2.12.0', true],
    ['3.0.0', '2.12.0', true],
    ['2.14.0-preview.1', '2.12.0', true],
    ['2.9.25', '2.12.0', false],
    ['2.11.10', '2.12.0', false],
    ['nonsense', '2.12.0', false],
  ])('compares by number, not by text: %s >= %s is %s', (found, minimum, expected) => {
    expect(isAtLeast(found, minimum)).toBe(expected);
  });
});
