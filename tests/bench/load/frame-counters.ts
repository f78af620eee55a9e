/** Counts the events in a stream of bytes, however the network cuts it. Answers how many each chunk completed. */
export interface FrameCounter {
  push(chunk: Buffer): number;
}

const DATA_LINE = Buffer.from('\ndata:');
const LINE_FEED = 0x0a;

/** One event of an SSE stream: a line that begins with `data:`. Benchmark events have one each. */
export class SseCounter implements FrameCounter {
  /** How much of `\ndata:` the last chunk ended with. The stream begins as if after a line break. */
  private matched = 1;

  push(chunk: Buffer): number {
    let found = 0;
    let from = 0;
    if (this.matched > 0) {
      from = this.finishMatch(chunk);
      if (this.matched === DATA_LINE.length) {
        found += 1;
        this.matched = 0;
      }
    }
    for (let at = chunk.indexOf(DATA_LINE, from); at !== -1; at = chunk.indexOf(DATA_LINE, at + DATA_LINE.length))
      found += 1;
    if (this.matched === 0) this.matched = endMatch(chunk);
    return found;
  }

  /** Goes on with a match that began in an earlier chunk; leaves how far it came, 0 when it was none. */
  private finishMatch(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.matched < DATA_LINE.length) {
      if (chunk[at] !== DATA_LINE[this.matched]) {
        this.matched = 0;
        return 0;
      }
      this.matched += 1;
      at += 1;
    }
    return at;
  }
}

function endMatch(chunk: Buffer): number {
  const from = chunk.lastIndexOf(LINE_FEED);
  if (from === -1) return 0;
  const rest = chunk.subarray(from);
  return rest.length < DATA_LINE.length && DATA_LINE.subarray(0, rest.length).equals(rest) ? rest.length : 0;
}

const TEXT = 0x1;
const PING = 0x9;

/** One text frame of a WebSocket, from a server: not masked, not in fragments, as all peers here send it. */
export class SocketCounter implements FrameCounter {
  private head: Buffer | undefined;
  private bodyLeft = 0;
  private isText = false;

  /** A server closes the connection of a client that does not answer its pings. */
  constructor(private readonly onPing: () => void = () => undefined) {}

  push(chunk: Buffer): number {
    let found = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.bodyLeft > 0) {
        const taken = Math.min(this.bodyLeft, chunk.length - at);
        this.bodyLeft -= taken;
        at += taken;
        if (this.bodyLeft === 0 && this.isText) found += 1;
        continue;
      }
      if (this.head !== undefined) {
        chunk = Buffer.concat([this.head, chunk.subarray(at)]);
        this.head = undefined;
        at = 0;
      }
      const bytes = headBytes(chunk, at);
      if (chunk.length - at < bytes) {
        // Copied: whoever reads the network may use its buffer again.
        this.head = Buffer.from(chunk.subarray(at));
        return found;
      }
      const opcode = chunk[at]! & 0x0f;
      if (opcode === PING) this.onPing();
      this.isText = opcode === TEXT;
      this.bodyLeft = bodyLength(chunk, at);
      at += bytes;
      if (this.bodyLeft === 0 && this.isText) found += 1;
    }
    return found;
  }
}

function headBytes(chunk: Buffer, at: number): number {
  if (chunk.length - at < 2) return 2;
  const length = chunk[at + 1]! & 0x7f;
  if (length === 126) return 4;
  return length === 127 ? 10 : 2;
}

function bodyLength(chunk: Buffer, at: number): number {
  const length = chunk[at + 1]! & 0x7f;
  if (length === 126) return chunk.readUInt16BE(at + 2);
  return length === 127 ? Number(chunk.readBigUInt64BE(at + 2)) : length;
}
