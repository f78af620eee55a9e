import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitBody } from './split-body.ts';

const JSON_TYPE = 'application/json';
const NDJSON = 'application/x-ndjson; charset=utf-8';

describe('splitBody', () => {
  it('takes an object for one event, and leaves judging it to the decoder', () => {
    expect(splitBody('{"a":1}', JSON_TYPE)).toEqual({ kind: 'single', text: '{"a":1}' });
    expect(splitBody('nonsense', undefined)).toEqual({ kind: 'single', text: 'nonsense' });
  });

  it('slices an array into the exact texts of its elements', () => {
    const body = '[ {"n": 12345678901234567890} ,\n{"b":"],["},[1, 2], "x" ]';
    const texts = ['{"n": 12345678901234567890}', '{"b":"],["}', '[1, 2]', '"x"'];
    expect(splitBody(body, JSON_TYPE)).toEqual({ kind: 'batch', texts });
  });

  it('keeps the good elements beside a bad one', () => {
    expect(splitBody('[{"a":1}, {"b":}, nope]', JSON_TYPE)).toEqual({
      kind: 'batch',
      texts: ['{"a":1}', '{"b":}', 'nope'],
    });
  });

  it('takes every line of NDJSON but the blank ones', () => {
    expect(splitBody('{"a":1}\r\n\n  {"b":2}\n', NDJSON)).toEqual({ kind: 'batch', texts: ['{"a":1}', '{"b":2}'] });
    expect(splitBody('[1]', NDJSON)).toEqual({ kind: 'batch', texts: ['[1]'] });
  });

  it.each(['[]', '[ \n ]'])('takes %j for no events', (body) => {
    expect(splitBody(body, JSON_TYPE)).toEqual({ kind: 'batch', texts: [] });
  });

  it.each(['[', '[1', '[1,,2]', '[1,]', '[,1]', '[1][2]', '[1]x', '[1]]', '[[1]', '[1] [', '["a'])(
    'refuses %j',
    (body) => {
      expect(splitBody(body, JSON_TYPE).kind).toBe('unreadable');
    },
  );

  it('gives back any array, however it is written', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(space, fc.json(), space)), (parts) => {
        const body = `[${parts.map(([before, text, after]) => before + text + after).join(',')}]`;
        const split = splitBody(body, JSON_TYPE);
        expect(split).toEqual({ kind: 'batch', texts: parts.map(([, text]) => text) });
      }),
    );
  });

  it('never takes for a whole array what JSON would not, unless an element is to blame', () => {
    const token = fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ':', '1', ' ', 'x');
    fc.assert(
      fc.property(fc.string({ unit: token, maxLength: 20 }), (noise) => {
        const text = `[${noise}`.trim();
        const split = splitBody(text, JSON_TYPE);
        if (split.kind !== 'batch') return;
        const wellFormed = split.texts.every(isJson);
        expect(isJson(text) || !wellFormed).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
