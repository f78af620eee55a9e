import { describe, expect, it } from '@jest/globals';
import { Subjects } from '@runcast/agent-commands';
import { MAX_APPEND_EVENTS } from '@runcast/event-log';
import { Problem } from '@runcast/service-host';
import { readMessage, readSubject } from './read-message.ts';

const subjects = new Subjects();
const subject = subjects.ingest('acme corp', 'runcast');

function read(text: string | Uint8Array, headers: Record<string, string> = {}, to = subject) {
  const data = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const question = { subject: to, data, header: (name: string) => headers[name] };
  return readMessage(question, readSubject(question, subjects));
}

function fieldRefused(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error.facts.errors?.[0]?.field;
  }
  return undefined;
}

describe('a message of the NATS intake', () => {
  it('says in its subject who sends and in which format', () => {
    expect(read('{}').sender).toEqual({ tenant: 'acme corp', dialect: 'runcast', intake: 'nats', hints: {} });
  });

  it.each([
    ['one event', '{"a":1}', 'single'],
    ['one event over several lines', '{\n"a": {\n}\n}', 'single'],
    ['an array', ' [{"a":1}, {"b":2}] ', 'batch'],
    ['an event a line', '{"a":1}\r\n\n{"b":2}\n', 'batch'],
  ])('may hold %s', (_name, text, kind) => {
    const { body } = read(text);
    expect(body.kind).toBe(kind);
    if (body.kind === 'batch') expect(body.texts).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('may be a single line of lines, when its content type says so', () => {
    expect(read('{"a":1}', { 'Content-Type': 'application/x-ndjson' }).body).toEqual({
      kind: 'batch',
      texts: ['{"a":1}'],
    });
  });

  it('takes in headers what HTTP takes in the query and in headers', () => {
    const headers = { 'Idempotency-Key': 'k', 'Runcast-run': 'r', 'Runcast-session': 's' };
    expect(read('{}', headers).sender).toMatchObject({ idempotencyKey: 'k', hints: { run: 'r', session: 's' } });
  });

  it.each([
    ['an unknown dialect', 'runcast.ingest.acme.klingon', '{}', {}, 'subject'],
    ['a tenant in another spelling', 'runcast.ingest.%61.runcast', '{}', {}, 'subject'],
    ['nothing', subject, ' ', {}, ''],
    ['a broken array', subject, '[{}', {}, ''],
    ['an empty array', subject, '[]', {}, ''],
    [
      'too many events',
      subject,
      `[${Array(MAX_APPEND_EVENTS + 1)
        .fill('{}')
        .join()}]`,
      {},
      '',
    ],
    ['a key that is no id', subject, '{}', { 'Idempotency-Key': 'x'.repeat(129) }, 'Idempotency-Key'],
  ])('is refused for %s', (_name, to, text, headers: Record<string, string>, field) => {
    expect(fieldRefused(() => read(text, headers, to))).toBe(field);
  });

  it('is refused when it is not UTF-8', () => {
    expect(fieldRefused(() => read(Uint8Array.from([0x7b, 0xff, 0x7d])))).toBe('');
  });
});
