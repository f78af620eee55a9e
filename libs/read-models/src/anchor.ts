import { createHash } from 'node:crypto';
import type { LogEntry } from './log-entry.ts';

/**
 * A fingerprint of one log record. The projection keeps that of the newest record it folded; a stream that shows
 * another record at the same sequence is not the stream the tables were built from (a restored backup that has grown
 * since keeps its epoch, and only this tells).
 */
export function anchorOf(entry: LogEntry): string {
  const hash = createHash('sha256');
  // Every part is fenced by its length: two records cannot share a fingerprint by moving text from part to part.
  for (const part of partsOf(entry)) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 32);
}

function partsOf(entry: LogEntry): (string | Uint8Array)[] {
  switch (entry.kind) {
    case 'event': {
      const { tenant, run, id, receivedAt, raw } = entry.event;
      return ['event', tenant, run, id, receivedAt, raw];
    }
    case 'link':
      return ['link', entry.link.tenant, entry.link.session, entry.link.run];
    case 'unreadable':
      return ['unreadable', entry.subject, entry.bytes];
  }
}
