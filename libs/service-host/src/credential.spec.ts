import { describe, expect, it } from '@jest/globals';
import { readCredential } from './credential.ts';

describe('readCredential', () => {
  it.each([
    ['a bearer token', { authorization: 'Bearer rck_a' }, undefined, 'rck_a'],
    ['the scheme in any case', { authorization: 'bearer  rck_a' }, undefined, 'rck_a'],
    ['the header x-api-key', { 'x-api-key': 'rck_b' }, undefined, 'rck_b'],
    ['the bearer token before the header', { authorization: 'Bearer rck_a', 'x-api-key': 'rck_b' }, undefined, 'rck_a'],
    [
      'the header where authorization is of another scheme',
      { authorization: 'Basic eA==', 'x-api-key': 'rck_b' },
      undefined,
      'rck_b',
    ],
    ['the query where it is passed', {}, { 'x-api-key': 'rck_c' }, 'rck_c'],
    ['the other spelling in the query', {}, { api_key: 'rck_d' }, 'rck_d'],
    ['the header before the query', { 'x-api-key': 'rck_b' }, { 'x-api-key': 'rck_c' }, 'rck_b'],
  ])('reads %s', (_name, headers, query, expected) => {
    expect(readCredential(headers, query)).toBe(expected);
  });

  it.each([
    ['nothing', {}, {}],
    ['an empty key', { 'x-api-key': '' }, {}],
    ['Bearer without a token', { authorization: 'Bearer ' }, {}],
    ['two tokens in one header', { authorization: 'Bearer a b' }, {}],
    ['a parameter given twice', {}, { api_key: ['a', 'b'] }],
    ['a key longer than any of ours', { 'x-api-key': 'x'.repeat(513) }, {}],
  ])('finds no key in %s', (_name, headers, query) => {
    expect(readCredential(headers, query)).toBeUndefined();
  });
});
