const FINAL_TEXT = 0x81;

/** A text as one WebSocket frame from a server: whole, not masked (RFC 6455, 5.2). */
export function textFrame(text: string): Buffer {
  return textFrames([text]);
}

/** Texts as one frame each, one behind the other. */
export function textFrames(texts: readonly string[]): Buffer {
  let asAscii = '';
  for (const text of texts) asAscii += PLACES[headBytes(text.length)]! + text;
  const frames = Buffer.from(asAscii);
  // As many bytes as characters: then every text is as long as it looks, and all were written at once.
  if (frames.length !== asAscii.length) return oneByOne(texts);
  let at = 0;
  for (const { length } of texts) at = writeHead(frames, at, length) + length;
  return frames;
}

/** Where heads go. */
const PLACES: Readonly<Record<number, string>> = { 2: '\0'.repeat(2), 4: '\0'.repeat(4), 10: '\0'.repeat(10) };

function oneByOne(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headBytes(length) + length, 0));
  let at = 0;
  texts.forEach((text, index) => {
    at = writeHead(frames, at, lengths[index]!);
    at += frames.write(text, at);
  });
  return frames;
}

function headBytes(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Answers where the text begins. */
function writeHead(frames: Buffer, at: number, length: number): number {
  frames[at] = FINAL_TEXT;
  const head = headBytes(length);
  if (head === 2) frames[at + 1] = length;
  else if (head === 4) {
    frames[at + 1] = 126;
    frames.writeUInt16BE(length, at + 2);
  } else {
    frames[at + 1] = 127;
    frames.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + head;
}
