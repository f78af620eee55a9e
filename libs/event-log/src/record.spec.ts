import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@runcast/run-events';
import fc from 'fast-check';
import { decodeMessage, encodeEvent, encodeLink } from './record.ts';
import { runSubject, sessionSubject, subjectSpace } from './subjects.ts';

const space = subjectSpace(0);
const position = { shard: 0, epoch: 'e', sequence: 7 };
const storedAt = '2026-11-21T08:00:00.000001Z';
const event: RunEvent = {
  id: 'e1',
  tenant: 'acme',
  run: 'r1',
  session: 's1',
  type: 'step.started',
  level: 'info',
  occurredAt: '2026-11-21T07:59:59.999999Z',
  dialect: 'runcast',
  data: { step: 'search' },
  raw: '{}',
};
const subject = runSubject(space, 'acme', 'r1');
const read = (data: Uint8Array, on = subject) => decodeMessage(space, { subject: on, data, position, storedAt });

describe('a record', () => {
  it('gives back the event with its position and the time it was stored', () => {
    expect(read(encodeEvent(event))).toEqual({ kind: 'event', event: { ...event, position, receivedAt: storedAt } });
  });

  it('says where it was redacted', () => {
    const entry = read(encodeEvent({ ...event, redacted: ['data.headers.authorization'] }));
    expect(entry).toMatchObject({ event: { redacted: ['data.headers.authorization'] } });
  });

  it('keeps the raw text to the byte, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n', '\r\n\t'), (json, space) => {
        const raw = `${space}${json}${space}`;
        const entry = read(encodeEvent({ ...event, raw, data: { pasted: 'line\nfeed' } }));
        expect(entry).toMatchObject({ kind: 'event', event: { raw, data: { pasted: 'line\nfeed' } } });
      }),
    );
  });

  it('keeps numbers that JavaScript would round', () => {
    const raw = '{"n":12345678901234567890,"huge":1e400}';
    expect(read(encodeEvent({ ...event, raw }))).toMatchObject({ event: { raw } });
  });

  it('belongs to whom its subject says, not to whom its body says', () => {
    const forged = encodeEvent({ ...event, tenant: 'other', run: 'other' });
    expect(read(forged)).toMatchObject({ event: { tenant: 'acme', run: 'r1' } });
  });

  it('can be a link', () => {
    const link = { tenant: 'acme', session: 's1', run: 'r1' };
    expect(read(encodeLink(link), sessionSubject(space, 'acme', 's1'))).toEqual({
      kind: 'link',
      link: { ...link, position },
    });
  });

  it('that cannot be read says why instead of throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(read(bytes)).toMatchObject({ kind: 'unreadable', subject, position, bytes });
      }),
    );
  });

  it.each([
    ['no raw part', '{"id":"e1"}', 'the raw part is missing'],
    ['no type', '{"id":"e1"}\n{}', 'the envelope has no type'],
    ['a bad time', JSON.stringify({ ...event, occurredAt: 'now' }) + '\n{}', 'occurredAt is not a timestamp'],
    ['a bad session', JSON.stringify({ ...event, session: '' }) + '\n{}', 'session is not an id'],
    ['a bad list', JSON.stringify({ ...event, redacted: [1] }) + '\n{}', 'redacted is not a list of paths'],
    ['an unknown dialect', JSON.stringify({ ...event, dialect: 'x' }) + '\n{}', 'the envelope names no known dialect'],
  ])('with %s is named as such', (_name, text, reason) => {
    expect(read(new TextEncoder().encode(text))).toMatchObject({ kind: 'unreadable', reason });
  });
});
