import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isId } from './ids.ts';
import { decodeToken, encodeToken } from './subject-token.ts';

const anyId = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter(isId);

describe('encodeToken', () => {
  it.each([
    ['plain', 'run_a1-B2', 'run_a1-B2'],
    ['wildcards', '*', '%2A'],
    ['the rest wildcard', '>', '%3E'],
    ['dots', 'a.b', 'a%2Eb'],
    ['spaces', 'a b', 'a%20b'],
    ['the escape itself', '%2A', '%252A'],
    ['emoji', '🚀', '%F0%9F%9A%80'],
  ])('writes %s so that it cannot mean anything to NATS', (_name, id, token) => {
    expect(encodeToken(id)).toBe(token);
  });

  it('gives every id one token of safe characters, and back', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const token = encodeToken(id);
        expect(token).toMatch(/^[A-Za-z0-9_%-]{1,384}$/);
        expect(decodeToken(token)).toBe(id);
      }),
    );
  });

  it('refuses tokens that it would not have written, so that no two tokens mean one id', () => {
    for (const token of ['%61', '%2a', 'a b', '%F0%9F', '%', '', 'ä']) expect(decodeToken(token)).toBeUndefined();
  });
});
