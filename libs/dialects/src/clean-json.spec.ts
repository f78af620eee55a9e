import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '@runcast/run-events';
import { cleanJson } from './clean-json.ts';

/** What cleaning means, built anew whether there is anything to clean or not. */
function builtAnew(value: JsonValue): JsonValue {
  const text = (dirty: string): string => dirty.toWellFormed().replaceAll('\u0000', '\uFFFD');
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(builtAnew);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [text(key), builtAnew(member)]));
}

const dirt = fc.constantFrom('\u0000', '\ud800', 'a\udc00b', 'fine', '__proto__', '\u{1f600}');
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(dirt, fc.string(), fc.boolean(), fc.constant(null), fc.constantFrom(1, -0, 1e308, Infinity, -Infinity)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(dirt, fc.string()), tie('value')), { maxLength: 4 })
      .map((all) => Object.fromEntries(all)),
  ),
}));

describe('cleaning JSON', () => {
  it('gives what building it anew gives', () => {
    fc.assert(
      fc.property(value, (dirty) => expect(cleanJson(dirty)).toEqual(builtAnew(dirty))),
      { numRuns: 2_000 },
    );
  });

  it('gives clean data back as it is', () => {
    const data = { a: ['x', 1, null, { __proto: true }] };
    expect(cleanJson(data)).toBe(data);
  });
});
