import { expect, it } from '@jest/globals';
import { redactionsIn } from './redactions.ts';

it.each([
  [{ a: 'nothing', b: [1, null, true] }, []],
  [{ headers: { authorization: '[redacted:field]' } }, [{ path: 'headers.authorization', rule: 'field' }]],
  [{ list: ['x', 'key is [redacted:api-key], sorry'] }, [{ path: 'list.1', rule: 'api-key' }]],
])('finds in %j the marks %j', (value, marks) => expect(redactionsIn(value)).toEqual(marks));
