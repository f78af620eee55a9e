import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a page key is good for: one tenant and one question. In another place the same key is refused. */
export interface PageScope {
  readonly tenant: string;
  /** The list and everything that narrows it, e.g. `runs?status=error`. */
  readonly list: string;
}

const SIGNATURE_BYTES = 16;

/**
 * Page keys: opaque and signed. A bare cursor would let a client aim it at another list or tenant, and would turn our
 * cursor format into somebody's API.
 */
export class PageKeys {
  constructor(private readonly secret: Buffer) {}

  seal(cursor: number, scope: PageScope): string {
    const text = String(cursor);
    return Buffer.concat([this.sign(text, scope), Buffer.from(text)]).toString('base64url');
  }

  /** The cursor of a key that was made here for this scope; `undefined` for anything else. */
  open(key: string, scope: PageScope): number | undefined {
    const bytes = Buffer.from(key, 'base64url');
    if (bytes.length <= SIGNATURE_BYTES || bytes.length > 64) return undefined;
    const text = bytes.subarray(SIGNATURE_BYTES).toString('latin1');
    if (!timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), this.sign(text, scope))) return undefined;
    const cursor = Number(text);
    return Number.isSafeInteger(cursor) ? cursor : undefined;
  }

  private sign(text: string, { tenant, list }: PageScope): Buffer {
    // Length-prefixed by JSON: no two (tenant, list, cursor) share one input.
    const input = JSON.stringify([tenant, list, text]);
    return createHmac('sha256', this.secret).update(input).digest().subarray(0, SIGNATURE_BYTES);
  }
}
