import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as ws from 'ws';
import { textFrame, textFrames } from './text-frame.ts';

// ws exports it; its types do not know.
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

/** What ws itself sends for the same text. */
function framedByWs(text: string): Buffer {
  const data = Buffer.from(text);
  const options = { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: true };
  return Buffer.concat(Sender.frame(data, options));
}

describe('a text frame', () => {
  it('is byte for byte the one that ws makes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => textFrame(text).equals(framedByWs(text))));
  });

  it('stands behind the one before it, whatever texts come together', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.nat(70_000).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) =>
        textFrames(texts).equals(Buffer.concat(texts.map(framedByWs))),
      ),
    );
  });

  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('is right at %i bytes, where the head changes', (length) => {
    const text = 'x'.repeat(length);
    expect(textFrame(text).equals(framedByWs(text))).toBe(true);
  });
});
