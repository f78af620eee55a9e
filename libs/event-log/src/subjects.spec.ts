import { describe, expect, it } from '@jest/globals';
import { isId } from '@runcast/run-events';
import fc from 'fast-check';
import {
  decodeToken,
  encodeToken,
  liveSubject,
  parseSubject,
  runSubject,
  sessionSubject,
  subjectSpace,
} from './subjects.ts';

const anyId = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter(isId);
const space = subjectSpace(3, 'ns');

describe('encodeToken', () => {
  it.each([
    ['plain', 'run_a1-B2', 'run_a1-B2'],
    ['wildcards', '*', '%2A'],
    ['the rest wildcard', '>', '%3E'],
    ['dots', 'a.b', 'a%2Eb'],
    ['spaces', 'a b', 'a%20b'],
    ['the escape itself', '%2A', '%252A'],
    ['emoji', '🚀', '%F0%9F%9A%80'],
  ])('writes %s so that it cannot mean anything to NATS', (_name, id, token) => {
    expect(encodeToken(id)).toBe(token);
  });

  it('gives every id one token of safe characters, and back', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const token = encodeToken(id);
        expect(token).toMatch(/^[A-Za-z0-9_%-]{1,384}$/);
        expect(decodeToken(token)).toBe(id);
      }),
    );
  });

  it('refuses tokens that it would not have written, so that no two tokens mean one id', () => {
    for (const token of ['%61', '%2a', 'a b', '%F0%9F', '%', '', 'ä']) expect(decodeToken(token)).toBeUndefined();
  });
});

describe('subjects', () => {
  it('tell run from session and give back the ids, whatever they are', () => {
    fc.assert(
      fc.property(anyId, anyId, (tenant, id) => {
        expect(parseSubject(space, runSubject(space, tenant, id))).toEqual({ kind: 'run', tenant, run: id });
        expect(parseSubject(space, sessionSubject(space, tenant, id))).toEqual({
          kind: 'session',
          tenant,
          session: id,
        });
      }),
    );
  });

  it('differ between tenants with the same run id', () => {
    expect(runSubject(space, 'a', 'b')).not.toBe(runSubject(space, 'a.b', 'b'));
    expect(runSubject(space, 'a.r', 'b')).not.toBe(runSubject(space, 'a', 'r.b'));
  });

  it('stay below the control line limit of the server for the longest ids', () => {
    const longest = '🚀'.repeat(32);
    expect(runSubject(space, longest, longest).length).toBeLessThan(1_000);
  });

  it('of another shard or namespace are not read', () => {
    expect(parseSubject(subjectSpace(4, 'ns'), runSubject(space, 't', 'r'))).toBeUndefined();
    expect(parseSubject(subjectSpace(3), runSubject(space, 't', 'r'))).toBeUndefined();
  });

  it('are republished under the same tokens', () => {
    expect(liveSubject(space, runSubject(space, 't', 'r'))).toBe('live_ns.3.t.r.r');
  });
});
