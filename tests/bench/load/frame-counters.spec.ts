import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SocketCounter, SseCounter, type FrameCounter } from './frame-counters.ts';

function countInPieces(counter: FrameCounter, bytes: Buffer, cuts: readonly number[]): number {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  let found = 0;
  ends.reduce((start, end) => ((found += counter.push(bytes.subarray(start, end))), end), 0);
  return found;
}

describe('the counter of SSE events', () => {
  const other = fc.constantFrom(': hi\n\n', 'retry: 1000\n\n', 'id: 0.e.1\n\n', 'event: end\n', 'dat\n', '\n\n\n');
  const event = fc.constantFrom('data: x\n\n', 'id: 1\ndata: {"data":"data:"}\n\n', 'event: a\ndata: 1\n\n');

  it('counts data lines and nothing else, however the network cuts them', () => {
    const parts = fc.array(fc.oneof(other, event));
    fc.assert(
      fc.property(parts, fc.array(fc.nat(400)), (texts, cuts) => {
        const expected = texts.filter((text) => /(^|\n)data: /.test(text)).length;
        expect(countInPieces(new SseCounter(), Buffer.from(texts.join('')), cuts)).toBe(expected);
      }),
    );
  });
});

describe('the counter of WebSocket frames', () => {
  it('counts text frames of every length and passes over the others, however the network cuts them', () => {
    const frame = fc.record({
      opcode: fc.constantFrom(1, 9, 10),
      length: fc.constantFrom(0, 1, 125, 126, 500, 70_000),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(150_000)), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(({ opcode, length }) => serverFrame(opcode, length)));
        const expected = frames.filter(({ opcode }) => opcode === 1).length;
        let pings = 0;
        expect(countInPieces(new SocketCounter(() => (pings += 1)), bytes, cuts)).toBe(expected);
        expect(pings).toBe(frames.filter(({ opcode }) => opcode === 9).length);
      }),
    );
  });
});

function serverFrame(opcode: number, length: number): Buffer {
  const body = Buffer.alloc(length, 0x81);
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), body]);
  const long = Buffer.alloc(length < 65_536 ? 4 : 10);
  long[0] = 0x80 | opcode;
  long[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) long.writeUInt16BE(length, 2);
  else long.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([long, body]);
}
