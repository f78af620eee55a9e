import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatPosition, parsePosition } from './position.ts';

const anyPosition = fc.record({
  shard: fc.nat(9_999),
  epoch: fc.stringMatching(/^[A-Za-z0-9]{1,32}$/),
  sequence: fc.nat(Number.MAX_SAFE_INTEGER),
});

describe('A position token', () => {
  it('is read back as the position it was made from', () => {
    fc.assert(
      fc.property(anyPosition, (position) => expect(parsePosition(formatPosition(position))).toEqual(position)),
    );
  });

  it('is safe in a URL, a header and an SSE line as it is', () => {
    fc.assert(fc.property(anyPosition, (position) => expect(formatPosition(position)).toMatch(/^[A-Za-z0-9.]+$/)));
  });

  it.each([
    [''],
    ['0.e1'],
    ['0.e1.1.2'],
    ['0.e1.-1'],
    ['0.e1.1e3'],
    ['0.e1. 1'],
    ['0.e1.1\n'],
    ['-1.e1.1'],
    ['0.e-1.1'],
    ['99999.e1.1'],
    [`0.${'e'.repeat(33)}.1`],
    ['0.e1.9007199254740993'],
    ['0.e1.٣'],
  ])('is refused: %j', (token) => {
    expect(parsePosition(token)).toBeUndefined();
  });
});
