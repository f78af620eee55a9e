import { describe, expect, it } from '@jest/globals';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import fc from 'fast-check';
import { preview, toPlainJson } from './plain-json.ts';

describe('toPlainJson', () => {
  it('tells messages by what they say', () => {
    const call = { name: 'divide', args: { a: 1 }, id: 'c1', type: 'tool_call' as const };
    expect(toPlainJson([new HumanMessage('hi'), new AIMessage({ content: '', tool_calls: [call] })])).toEqual([
      { type: 'human', content: 'hi' },
      { type: 'ai', content: '', tool_calls: [{ name: 'divide', args: { a: 1 }, id: 'c1' }] },
    ]);
  });

  it('tells what JSON has no word for', () => {
    const value = {
      big: 12345678901234567890n,
      date: new Date(0),
      none: undefined,
      run: () => 1,
      map: new Map([['k', 1]]),
      set: new Set([1]),
      error: new RangeError('too far'),
      nan: NaN,
      bytes: new Uint8Array(3),
    };
    expect(toPlainJson(value)).toEqual({
      big: '12345678901234567890',
      date: '1970-01-01T00:00:00.000Z',
      map: { k: 1 },
      set: [1],
      error: { type: 'RangeError', message: 'too far' },
      nan: 'NaN',
      bytes: '[3 bytes]',
    });
  });

  it('names cycles, depths and getters that throw instead of failing on them', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 'x');
    expect(toPlainJson(cycle)).toEqual({ self: '[circular]' });
    expect(toPlainJson(trap)).toEqual({ x: '[unreadable: Error: no]' });
    expect(JSON.stringify(toPlainJson(deep))).toContain('[too deep]');
  });

  it('ends on values whose shared parts would be told a billion times', () => {
    const shared = Array.from({ length: 35 }).reduce<unknown>((inner) => [inner, inner], 'x');
    expect(toPlainJson(shared)).toMatchObject({ truncated: true });
  });

  it('replaces what is too large to send by its preview', () => {
    const large = toPlainJson({ text: 'x'.repeat(100_000) });
    expect(large).toMatchObject({ truncated: true, characters: 100_011 });
  });

  it('leaves every JSON value as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(JSON.stringify(toPlainJson(value))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe('preview', () => {
  it('is cut to 500 characters', () => {
    expect(preview('x'.repeat(501))).toHaveLength(500);
    expect(preview({ text: 'x'.repeat(600) })).toHaveLength(500);
    expect(preview('short')).toBe('short');
  });

  it('never ends in half an emoji', () => {
    expect(preview(`${'x'.repeat(499)}🙂`)).toBe('x'.repeat(499));
  });
});
