import { expect, it } from '@jest/globals';
import { readable, readableParts } from './readable.ts';

it.each([
  ['a text', 'Two\nlines', 'Two\nlines'],
  ['flat facts', { approved: true, note: 'Short.' }, 'approved: true\nnote: Short.'],
  ['a long text among facts', { topic: 'tea', report: 'a\nb' }, 'topic: tea\n\nreport: a\nb'],
  [
    'a conversation',
    [
      { role: 'user', content: 'Hi' },
      { type: 'ai', content: 'Yes' },
    ],
    'user: Hi\n\nai: Yes',
  ],
  ['what is nested', { a: { b: 1 } }, '{\n  "a": {\n    "b": 1\n  }\n}'],
  ['nothing', {}, '{}'],
])('%s reads as it would be said', (_what, value, text) => expect(readable(value)).toBe(text));

it('an error comes first, with its traceback', () => {
  const data = { input: 'x', error: { type: 'TypeError', message: 'no' }, traceback: 'at a' };
  expect(readableParts({ data }).map(({ name, text }) => [name, text])).toEqual([
    ['error', 'TypeError: no'],
    ['traceback', 'at a'],
    ['input', 'x'],
  ]);
});
