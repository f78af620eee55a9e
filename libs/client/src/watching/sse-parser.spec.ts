import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SseParser, type SseFrame } from './sse-parser.ts';

const parse = (...pieces: string[]): SseFrame[] => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('SseParser', () => {
  it('reads data, id and event', () => {
    expect(parse('event: end\nid: 0.e.7\ndata: {"a":1}\n\n')).toEqual([{ event: 'end', id: '0.e.7', data: '{"a":1}' }]);
  });

  it('joins several data lines with line feeds', () => {
    expect(parse('data: a\ndata:\ndata: b\n\n')).toEqual([{ data: 'a\n\nb' }]);
  });

  it('takes away one space after the colon and no more', () => {
    expect(parse('data:a\n\ndata:  b\n\n')).toEqual([{ data: 'a' }, { data: ' b' }]);
  });

  it('passes over comments, unknown fields and frames without data', () => {
    expect(parse(': heartbeat\n\nfoo: bar\nid: 3\n\ndata\n\n')).toEqual([{ data: '' }]);
  });

  it('does not lend the id of one frame to the next', () => {
    expect(parse('id: 1\ndata: a\n\ndata: b\n\n')).toEqual([{ id: '1', data: 'a' }, { data: 'b' }]);
  });

  it('ignores an id with a NUL and a retry that is no number', () => {
    const parser = new SseParser();
    expect(parser.push('id: a\u0000b\nretry: 10s\ndata: x\n\n')).toEqual([{ data: 'x' }]);
    expect(parser.retryMs).toBeUndefined();
  });

  it('remembers how long the stream asks to wait', () => {
    const parser = new SseParser();
    parser.push('retry: 2500\n\n');
    expect(parser.retryMs).toBe(2_500);
  });

  it('says nothing of a frame that is not complete', () => {
    expect(parse('data: a\n')).toEqual([]);
    expect(parse('data: a')).toEqual([]);
  });

  it('takes CR and LF in two pieces for one line break', () => {
    expect(parse('data: a\r', '\ndata: b\r', '\n\r', '\n')).toEqual([{ data: 'a\nb' }]);
    expect(parse('data: a\r', '', '\n\r\n')).toEqual([{ data: 'a' }]);
  });

  it('refuses a frame without end instead of filling the memory', () => {
    const parser = new SseParser();
    const flood = () => {
      for (let count = 0; count < 20; count += 1) parser.push(`data: ${'x'.repeat(1_000_000)}\n`);
    };
    expect(flood).toThrow('longer than');
  });

  it('reads the same frames from every spelling and every cut of a stream', () => {
    // Line breaks apart, any text may stand in data; é and 🙂 are cut within their bytes.
    const piece = fc.string({ unit: fc.constantFrom('a', ' ', ':', '{', 'é', '🙂'), maxLength: 8 });
    const frame = fc.record(
      {
        event: fc.constantFrom('end', 'reset'),
        id: fc.constantFrom('0.abc.1', '1.x.22'),
        data: fc.array(piece, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
      },
      { requiredKeys: ['data'] },
    );
    const lineBreak = fc.constantFrom('\n', '\r', '\r\n');
    const cuts = fc.array(fc.nat(400), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), lineBreak, cuts, (frames, newline, at) => {
        const bytes = new TextEncoder().encode(frames.map((each) => write(each, newline)).join(''));
        const parser = new SseParser();
        const decoder = new TextDecoder();
        const bounds = [0, ...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const read = bounds.slice(1).flatMap((end, index) => {
          return parser.push(decoder.decode(bytes.subarray(bounds[index], end), { stream: true }));
        });
        expect(read).toEqual(frames);
      }),
      { numRuns: 500 },
    );
  });
});

function write({ event, id, data }: SseFrame, newline: string): string {
  const lines = [': comment', ...(event ? [`event: ${event}`] : []), ...(id ? [`id: ${id}`] : [])];
  return [...lines, ...data.split('\n').map((line) => `data: ${line}`), '', ''].join(newline);
}
