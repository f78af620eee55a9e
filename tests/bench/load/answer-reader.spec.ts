import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerReader } from './answer-reader.ts';

const answers = [
  'HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\nx: y\r\n\r\nh\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\n{}',
];

describe('the reader of answers', () => {
  it('finds every answer, however the network cuts them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...answers)), fc.array(fc.nat(200)), (sent, cuts) => {
        const bytes = Buffer.from(sent.join(''));
        const found: number[] = [];
        const reader = new AnswerReader((status) => found.push(status));
        const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
        [...ends, bytes.length].reduce((start, end) => (reader.push(bytes.subarray(start, end)), end), 0);
        expect(found).toEqual(sent.map((answer) => Number(answer.slice(9, 12))));
      }),
    );
  });
});
