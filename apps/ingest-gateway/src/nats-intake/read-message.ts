import { isUtf8 } from 'node:buffer';
import type { Hints } from '@runcast/dialects';
import { MAX_APPEND_EVENTS } from '@runcast/event-log';
import { DIALECT_NAMES, ID_EXPECTED, isId } from '@runcast/run-events';
import type { Question, Subjects } from '@runcast/agent-commands';
import type { Sender } from '../intake.ts';
import { unreadable } from '../problems.ts';
import { splitBody, type SplitBody } from '../split-body.ts';

export interface Incoming {
  readonly sender: Sender;
  readonly body: Exclude<SplitBody, { kind: 'unreadable' }>;
}

export type Addressed = Pick<Sender, 'tenant' | 'dialect'>;

/** What headers may say, as the query and headers of the HTTP intake do. */
const HINTS = ['run', 'session', 'agent', 'flow'] as const;

/**
 * Who sends, and in which format, as the subject says; the server has decided that this sender may publish there.
 *
 * @throws {Problem} `invalid_request` saying what is wrong
 */
export function readSubject({ subject }: Question, subjects: Subjects): Addressed {
  const to = subjects.readIngest(subject);
  if (!('wrong' in to)) return to;
  throw to.wrong === 'tenant'
    ? unreadable('a tenant id, each byte outside of A-Z a-z 0-9 _ - written as %XX', undefined, 'subject')
    : unreadable(`a subject that ends with one of ${DIALECT_NAMES.join(', ')}`, undefined, 'subject');
}

/**
 * Reads one message of the NATS intake.
 *
 * @throws {Problem} `invalid_request` saying what is wrong
 */
export function readMessage(question: Question, to: Addressed): Incoming {
  const key = idOf(question, 'Idempotency-Key');
  return {
    sender: { ...to, intake: 'nats', hints: hintsOf(question), ...(key !== undefined && { idempotencyKey: key }) },
    body: bodyOf(question),
  };
}

function bodyOf({ data, header }: Question): Incoming['body'] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!isUtf8(bytes)) throw unreadable('well-formed UTF-8');
  const text = bytes.toString('utf8').trim();
  if (text === '') throw unreadable('an event', 'nothing');
  const body = splitBody(text, header('Content-Type') ?? (isLines(text) ? 'application/x-ndjson' : undefined));
  if (body.kind === 'unreadable') throw unreadable(body.expected);
  if (body.kind === 'batch' && (body.texts.length === 0 || body.texts.length > MAX_APPEND_EVENTS)) {
    throw unreadable(`1 to ${MAX_APPEND_EVENTS} events`, `${body.texts.length}`);
  }
  return body;
}

/**
 * Whether the text is one object a line. A plain message has no content type to say so, and needs none: inside one JSON
 * value no line that ends with `}` can be followed by one that begins with `{`.
 */
function isLines(text: string): boolean {
  const lines = text.split('\n').map((line) => line.trim());
  const events = lines.filter((line) => line !== '');
  return events.length > 1 && events.every((line) => line.startsWith('{') && line.endsWith('}'));
}

function hintsOf(question: Question): Hints {
  const hints: Record<string, string> = {};
  for (const name of HINTS) {
    const value = idOf(question, `Runcast-${name}`);
    if (value !== undefined) hints[name] = value;
  }
  return hints;
}

function idOf({ header }: Question, name: string): string | undefined {
  const value = header(name);
  if (value === undefined || isId(value)) return value;
  throw unreadable(ID_EXPECTED, undefined, name);
}
