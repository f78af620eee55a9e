const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * Counts the answers on one HTTP/1.1 connection and tells their status. Only what benchmark servers send: every answer
 * has a Content-Length or no body.
 */
export class AnswerReader {
  private pending = '';
  private bodyLeft = 0;

  constructor(private readonly onAnswer: (status: number) => void) {}

  push(chunk: Buffer): void {
    // Latin-1: one character a byte, so that lengths are lengths.
    this.pending += chunk.toString('latin1');
    for (;;) {
      if (this.pending.length < this.bodyLeft) return;
      this.pending = this.pending.slice(this.bodyLeft);
      this.bodyLeft = 0;
      const end = this.pending.indexOf(HEAD_END);
      if (end === -1) return;
      const head = this.pending.slice(0, end);
      this.pending = this.pending.slice(end + HEAD_END.length);
      this.bodyLeft = Number(LENGTH.exec(head)?.[1] ?? 0);
      this.onAnswer(Number(head.slice(9, 12)));
    }
  }
}
