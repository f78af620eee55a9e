import { describe, expect, it } from '@jest/globals';
import { DIALECT_NAMES, isId } from '@runcast/run-events';
import fc from 'fast-check';
import { Subjects } from './subjects.ts';

const subjects = new Subjects();
const anyId = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter(isId);

describe('Subjects', () => {
  it('are the documented ones', () => {
    expect(subjects.ingest('acme', 'agent-os')).toBe('runcast.ingest.acme.agent-os');
    expect(new Subjects('ns').command('acme', 'a')).toBe('runcast_ns.command.acme.a');
  });

  it('never mean another tenant or agent, whatever they are called', () => {
    fc.assert(
      fc.property(anyId, anyId, fc.constantFrom(...DIALECT_NAMES), (tenant, agent, dialect) => {
        expect(subjects.readIngest(subjects.ingest(tenant, dialect))).toEqual({ tenant, dialect });
        expect(subjects.command(tenant, agent).split('.')).toHaveLength(4);
        expect(subjects.command(tenant, agent)).toMatch(/^[A-Za-z0-9_%.-]+$/);
      }),
    );
  });

  it('say what is wrong with a subject that somebody else made up', () => {
    expect(subjects.readIngest('runcast.ingest.%zz.runcast')).toEqual({ wrong: 'tenant' });
    expect(subjects.readIngest('runcast.ingest.ACME%00.runcast')).toEqual({ wrong: 'tenant' });
    expect(subjects.readIngest('runcast.ingest.acme.other')).toEqual({ wrong: 'dialect' });
  });
});
