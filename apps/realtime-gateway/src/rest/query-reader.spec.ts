import { describe, expect, it } from '@jest/globals';
import { QueryReader } from './query-reader.ts';

const errorsOf = (query: QueryReader): unknown => {
  try {
    query.finish();
    return [];
  } catch (error) {
    return (error as { facts: { errors: unknown } }).facts.errors;
  }
};

describe('a query', () => {
  it('with a NUL, which no table can be asked for, is refused by the name of the parameter', () => {
    const query = new QueryReader(new URLSearchParams('session=a%00b&types=%00&agent=fine'));
    expect([query.text('session'), query.text('types'), query.text('agent')]).toEqual([undefined, undefined, 'fine']);
    const expected = 'a text without the NUL character';
    expect(errorsOf(query)).toEqual([
      { field: 'session', expected },
      { field: 'types', expected },
    ]);
  });
});
