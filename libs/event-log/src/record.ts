import { isUtf8 } from 'node:buffer';
import {
  isJsonObject,
  isLevel,
  isDialectName,
  isId,
  isTimestamp,
  type JsonObject,
  type Position,
  type RecordedEvent,
  type RecordedLink,
  type RunEvent,
  type SessionLink,
  type Timestamp,
} from '@runcast/run-events';
import { parseSubject, type ParsedSubject, type SubjectSpace } from './subjects.ts';

/**
 * What one message of the log says. `unreadable` is a message that no version of this code wrote, or a damaged one:
 * whoever reads decides what to do with it, nothing is skipped silently.
 */
export type LogEntry =
  | {
      readonly kind: 'event';
      readonly event: RecordedEvent;
      /** Names the span that caused it, where it was traced: beside the event, not of it. */
      readonly traceparent?: string;
    }
  | { readonly kind: 'link'; readonly link: RecordedLink }
  | {
      readonly kind: 'unreadable';
      readonly position: Position;
      readonly subject: string;
      readonly bytes: Uint8Array;
      readonly reason: string;
    };

/** A message as it stands in the stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly position: Position;
  readonly storedAt: Timestamp;
  readonly traceparent?: string | undefined;
}

const LINE_FEED = 0x0a;

/** One line of JSON, a line feed, the raw text. JSON.stringify never emits a line feed, so the first one divides. */
export function encodeEvent(event: RunEvent): Uint8Array {
  // JSON leaves out what is undefined; taking a member out of a copy costs twenty times as much as the copy.
  const envelope = JSON.stringify({ ...event, raw: undefined });
  return Buffer.from(`${envelope}\n${event.raw}`);
}

export function encodeLink(link: SessionLink): Uint8Array {
  return Buffer.from(JSON.stringify(link));
}

/** Never throws: what cannot be read comes back as `unreadable` with the reason. */
export function decodeMessage(space: SubjectSpace, message: StoredMessage): LogEntry {
  return decodeStoredOn(parseSubject(space, message.subject), message);
}

/** The same where many messages stand on one subject, which is then read once. */
export function decodeStoredOn(parsed: ParsedSubject | undefined, message: StoredMessage): LogEntry {
  try {
    if (parsed === undefined) return unreadable(message, 'its subject is not one of the log');
    if (parsed.kind === 'session') return decodeLink(message, parsed.tenant, parsed.session);
    return decodeEvent(message, parsed.tenant, parsed.run);
  } catch (error) {
    return unreadable(message, (error as Error).message);
  }
}

function decodeLink(message: StoredMessage, tenant: string, session: string): LogEntry {
  const link = JSON.parse(asText(message.data).toString('utf8')) as Partial<SessionLink> | null;
  if (!isId(link?.run)) return unreadable(message, 'the link names no run');
  return { kind: 'link', link: { tenant, session, run: link.run, position: message.position } };
}

function decodeEvent(message: StoredMessage, tenant: string, run: string): LogEntry {
  const text = asText(message.data);
  const divider = text.indexOf(LINE_FEED);
  if (divider === -1) return unreadable(message, 'the raw part is missing');
  const envelope = JSON.parse(text.toString('utf8', 0, divider)) as JsonObject;
  const fault = envelopeFault(envelope);
  if (fault !== undefined) return unreadable(message, fault);
  const event = envelope as unknown as Written<RecordedEvent>;
  // The subject decides whose event it is: it is what a subscriber was allowed to see.
  event.tenant = tenant;
  event.run = run;
  event.raw = text.toString('utf8', divider + 1);
  event.position = message.position;
  event.receivedAt = message.storedAt;
  const { traceparent } = message;
  return traceparent === undefined ? { kind: 'event', event } : { kind: 'event', event, traceparent };
}

type Written<T> = { -readonly [K in keyof T]: T[K] };

/** @throws {TypeError} when it is not UTF-8: what stands for a wrong byte would be another text than was sent */
function asText(bytes: Uint8Array): Buffer {
  const text = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isUtf8(text)) throw new TypeError('it is not UTF-8');
  return text;
}

const NAMES = ['session', 'agent', 'flow'] as const;

function envelopeFault(envelope: JsonObject): string | undefined {
  if (!isJsonObject(envelope)) return 'the envelope is not an object';
  if (!isId(envelope.id)) return 'the envelope has no event id';
  if (typeof envelope.type !== 'string' || envelope.type === '') return 'the envelope has no type';
  if (!isLevel(envelope.level)) return 'the envelope has no level';
  if (!isDialectName(envelope.dialect)) return 'the envelope names no known dialect';
  if (typeof envelope.occurredAt !== 'string' || !isTimestamp(envelope.occurredAt)) {
    return 'occurredAt is not a timestamp';
  }
  for (const name of NAMES) {
    if (envelope[name] !== undefined && !isId(envelope[name])) return `${name} is not an id`;
  }
  if (envelope.redacted !== undefined && !isTextList(envelope.redacted)) return 'redacted is not a list of paths';
  return isJsonObject(envelope.data) ? undefined : 'data is not an object';
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function unreadable(message: StoredMessage, reason: string): LogEntry {
  return { kind: 'unreadable', position: message.position, subject: message.subject, bytes: message.data, reason };
}
