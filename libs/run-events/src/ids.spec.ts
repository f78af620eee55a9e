import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isId, MAX_ID_BYTES } from './ids.ts';

describe('isId', () => {
  it.each([
    ['a'],
    ['*'],
    ['>'],
    ['a.b c'],
    ['../..'],
    ['😀'],
    ['ä'.repeat(64)],
    ['x'.repeat(128)],
    ['__proto__'],
    ['\n'],
  ])('takes %j', (id) => {
    expect(isId(id)).toBe(true);
  });

  it.each([
    [''],
    ['x'.repeat(129)],
    ['ä'.repeat(65)],
    ['😀'.repeat(33)],
    ['a\u0000b'],
    ['\ud800'],
    ['a\udc00'],
    [7],
    [null],
    [undefined],
    [{}],
  ])('refuses %j', (id) => {
    expect(isId(id)).toBe(false);
  });

  it('goes by the bytes that the id has in UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 140 }), (text) => {
        const fits = Buffer.byteLength(text) <= MAX_ID_BYTES && !text.includes('\u0000');
        expect(isId(text)).toBe(fits);
      }),
    );
  });
});
