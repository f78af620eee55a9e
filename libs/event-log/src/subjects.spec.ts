import { describe, expect, it } from '@jest/globals';
import { isId } from '@runcast/run-events';
import fc from 'fast-check';
import { liveSubject, parseSubject, runSubject, sessionSubject, subjectSpace } from './subjects.ts';

const anyId = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter(isId);
const space = subjectSpace(3, 'ns');

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
