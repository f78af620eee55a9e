import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elementTexts, isJsonObject, MAX_JSON_DEPTH, memberText, oneLine, parseJson } from './json-text.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const anyJson = fc.json({ maxDepth: 4 });
const spacing = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');

describe('parseJson', () => {
  it('agrees with JSON.parse on every valid text', () => {
    fc.assert(
      fc.property(anyJson, (text) => expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown })),
    );
  });

  it('never throws, whatever the text', () => {
    const broken = fc
      .tuple(anyJson, fc.string(), fc.nat())
      .map(([text, noise, at]) => text.slice(0, at % (text.length + 1)) + noise);
    fc.assert(fc.property(fc.oneof(fc.string(), broken), (text) => expect(typeof parseJson(text).ok).toBe('boolean')));
  });

  it('bounds the nesting, before anything else looks at the text', () => {
    expect(parseJson(nested(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(parseJson(nested(MAX_JSON_DEPTH + 1))).toMatchObject({ ok: false, reason: 'too-deep' });
    expect(parseJson('[{"a":'.repeat(1_000_000))).toMatchObject({ ok: false, reason: 'too-deep' });
    expect(parseJson(JSON.stringify('['.repeat(1_000)))).toMatchObject({ ok: true });
  });

  it('says that a text is malformed', () => {
    expect(parseJson('{"a":')).toMatchObject({ ok: false, reason: 'malformed' });
  });
});

describe('elementTexts', () => {
  it('gives each element as it was written', () => {
    expect(elementTexts('[ 12345678901234567890 , {"b":1, "a":"]"},[1,2] ,"\\"," ]')).toEqual([
      '12345678901234567890',
      '{"b":1, "a":"]"}',
      '[1,2]',
      '"\\","',
    ]);
    expect(elementTexts('[]')).toEqual([]);
    expect(elementTexts(' [ ] ')).toEqual([]);
  });

  it('gives back what an array was put together from', () => {
    fc.assert(
      fc.property(fc.array(anyJson, { minLength: 1 }), spacing, (texts, space) => {
        const array = `${space}[${space}${texts.join(`${space},${space}`)}${space}]${space}`;
        expect(elementTexts(array)).toEqual(texts.map((text) => text.trim()));
      }),
    );
  });
});

describe('memberText', () => {
  it('gives the value as it was written, the last one of a repeated key', () => {
    expect(memberText('{"a":1.0,"b":{"a":2},"a" : 1e400 }', 'a')).toBe('1e400');
    expect(memberText('{"\\u0061":1}', 'a')).toBe('1');
    expect(memberText('{"b":1}', 'a')).toBeUndefined();
    expect(memberText('{}', 'a')).toBeUndefined();
  });

  it('finds every member of any object', () => {
    const members = fc.uniqueArray(fc.tuple(fc.string(), anyJson), { selector: ([key]) => key, maxLength: 6 });
    fc.assert(
      fc.property(members, spacing, (given, space) => {
        const text = `{${given.map(([key, value]) => `${space}${JSON.stringify(key)}${space}:${space}${value}${space}`).join(',')}}`;
        for (const [key, value] of given) expect(memberText(text, key)).toBe(value.trim());
      }),
    );
  });
});

describe('oneLine', () => {
  it('takes line breaks out and means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const line = oneLine(JSON.stringify(value, null, 2).replaceAll('\n', '\r\n'));
        expect(line).not.toMatch(/[\r\n]/);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

it('an object is neither null nor an array', () => {
  expect([{}, [], null, 'a', undefined].map(isJsonObject)).toEqual([true, false, false, false, false]);
});
