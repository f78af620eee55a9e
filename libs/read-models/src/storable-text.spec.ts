import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storableJson, storableText } from './storable-text.ts';

const anyText = fc.string({ unit: 'binary' }).chain((text) =>
  // Lone surrogates and NUL on purpose: 'binary' alone gives whole code points.
  fc.constantFrom(text, `${text}\ud800`, `\udc00${text}`, `${text}\u0000${text}`, `\\u0000${text}\\`),
);

describe('storableText', () => {
  it('leaves nothing that Postgres refuses and changes nothing else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = storableText(text);
        expect(stored.isWellFormed() && !stored.includes('\u0000')).toBe(true);
        expect(stored).toBe(text.toWellFormed().replaceAll('\u0000', '\ufffd'));
      }),
    );
  });
});

describe('storableJson', () => {
  it('means the same as the value with every text in it made storable', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(anyText, anyText)), (value) => {
        const clean = value.map((entry) =>
          Object.fromEntries(Object.entries(entry).map(([key, text]) => [storableText(key), storableText(text)])),
        );
        expect(JSON.parse(storableJson(value))).toEqual(clean);
      }),
    );
  });

  it('tells an escape from an honest backslash', () => {
    expect(storableJson(['\u0000', '\\u0000', '\\\u0000', '\u001b'])).toBe(
      '["\\ufffd","\\\\u0000","\\\\\\ufffd","\\u001b"]',
    );
  });

  it('control: unchanged JSON does hold what Postgres refuses', () => {
    expect(JSON.stringify('\ud800')).toBe('"\\ud800"');
  });
});
