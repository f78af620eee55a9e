import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@runcast/run-events';
import { Redactor } from './redactor.ts';
import { readRules, type RedactionRules } from './rules.ts';

const under = (rules: RedactionRules, value: unknown) => new Redactor(rules).json(JSON.stringify(value));

describe('rules of a tenant', () => {
  it('add names, however they are spelled in the event', () => {
    const rules = { names: ['national id'] };
    expect(under(rules, { nationalId: 'a', NATIONAL_ID: 'b', national: 'c' }).paths).toEqual([
      'nationalId',
      'NATIONAL_ID',
    ]);
  });

  it('take names away', () => {
    expect(under({ allowed_names: ['secret'] }, { secret: 'x', client_secret: 'y' }).paths).toEqual(['client_secret']);
  });

  it('turn kinds on: e-mail addresses, and cards that pass their check', () => {
    const text = 'ask ann@example.com about 4111 1111 1111 1111, not 4111 1111 1111 1112 or 1732190000000';
    const event = { text, number: 4111111111111111 };
    expect(under({}, event).paths).toEqual([]);
    expect(JSON.parse(under({ enable: ['email', 'card'] }, event).text)).toEqual({
      text: 'ask [redacted:email] about [redacted:card], not 4111 1111 1111 1112 or 1732190000000',
      number: '[redacted:card]',
    });
  });

  it('find a card between other digits', () => {
    const { text } = under({ enable: ['card'] }, { t: 'order 12 4111-1111-1111-1111 7' });
    expect(text).toBe('{"t":"order 12 [redacted:card] 7"}');
  });

  it('turn kinds off', () => {
    const event = { jwt_like: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', password: 'x' };
    expect(under({ disable: ['jwt'] }, event).paths).toEqual(['password']);
    expect(under({ disable: ['field', 'jwt'] }, event).paths).toEqual([]);
    expect(under({ off: true }, event).paths).toEqual([]);
  });

  it('name their own kinds of keys by how they begin', () => {
    const rules = { prefixes: [{ prefix: 'acme$(', min_chars: 8 }] };
    expect(under(rules, { a: 'x acme$(abcdefgh12 y', b: 'acme$(short' }).text).toBe(
      '{"a":"x [redacted:custom] y","b":"acme$(short"}',
    );
  });
});

describe('reading rules', () => {
  it.each<[string, JsonValue]>([
    ['', []],
    ['patterns', { patterns: ['(a+)+$'] }],
    ['names', { names: ['_'] }],
    ['names', { names: 'password' }],
    ['enable', { enable: ['jwt'] }],
    ['disable', { disable: ['everything'] }],
    ['prefixes', { prefixes: [{ prefix: 'ab', min_chars: 8 }] }],
    ['prefixes', { prefixes: [{ prefix: 'abc', min_chars: 1 }] }],
    ['off', { off: 'yes' }],
    ['__proto__', JSON.parse('{"__proto__":1}') as JsonValue],
  ])('refuses a wrong member %s', (field, value) => {
    expect(readRules(value)).toMatchObject({ ok: false, problems: [{ field }] });
  });

  it('takes every member', () => {
    const rules = {
      names: ['x9'],
      allowed_names: ['jwt'],
      enable: ['card'],
      disable: ['query'],
      prefixes: [{ prefix: 'abc', min_chars: 4 }],
      off: false,
    };
    expect(readRules(rules)).toEqual({ ok: true, rules });
  });
});
