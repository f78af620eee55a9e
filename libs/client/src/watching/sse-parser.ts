/** One dispatched event of an event stream. `id` is there only when this very frame carried one. */
export interface SseFrame {
  readonly event?: string;
  readonly id?: string;
  readonly data: string;
}

/** Nothing that Runcast stores comes near it. A stream that does is not one, and must not fill the memory. */
const MAX_FRAME_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads a `text/event-stream` piece by piece, cut wherever the network cut it.
 *
 * As the HTML standard has it, with one difference: an id belongs to its frame alone instead of to all that follow,
 * because Runcast's control frames carry none on purpose and must not look as if they did.
 */
export class SseParser {
  /** The newest `retry:` of the stream: how long it asks to wait before coming back. */
  retryMs: number | undefined;
  #unfinishedLine = '';
  #endedWithCr = false;
  #data: string[] = [];
  #event: string | undefined;
  #id: string | undefined;
  #frameCharacters = 0;

  /** The frames that `text` completes. */
  push(text: string): SseFrame[] {
    // A CR ends a line at once; an LF that opens the next piece is the rest of the same line break.
    const rest = this.#endedWithCr && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#endedWithCr = text.endsWith('\r');
    const lines = rest.split(/\r\n|\r|\n/);
    const frames: SseFrame[] = [];
    for (const [index, piece] of lines.entries()) {
      const isLast = index === lines.length - 1;
      this.#admit(piece.length);
      this.#unfinishedLine += piece;
      if (!isLast) frames.push(...this.#endLine());
    }
    return frames;
  }

  #endLine(): SseFrame[] {
    const line = this.#unfinishedLine;
    this.#unfinishedLine = '';
    if (line === '') return this.#endFrame();
    const colon = line.indexOf(':');
    // A line that opens with a colon is a comment: Runcast's heartbeat.
    if (colon === 0) return [];
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1);
    this.#takeField(name, value.startsWith(' ') ? value.slice(1) : value);
    return [];
  }

  #takeField(name: string, value: string): void {
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\u0000')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  #endFrame(): SseFrame[] {
    const [event, id, data] = [this.#event, this.#id, this.#data];
    this.#event = this.#id = undefined;
    this.#data = [];
    this.#frameCharacters = 0;
    if (data.length === 0) return [];
    return [{ ...(event && { event }), ...(id !== undefined && { id }), data: data.join('\n') }];
  }

  #admit(characters: number): void {
    this.#frameCharacters += characters;
    if (this.#frameCharacters > MAX_FRAME_CHARACTERS) throw new RangeError('an SSE frame is longer than 16 Mi');
  }
}
