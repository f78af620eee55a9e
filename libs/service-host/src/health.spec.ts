import { describe, expect, it } from '@jest/globals';
import { Readiness } from './health.ts';

describe('Readiness', () => {
  it('is ready when every check is, and keeps the facts of each', () => {
    const readiness = new Readiness();
    readiness.add('log', () => ({ ready: true }));
    readiness.add('projection', () => ({ ready: true, facts: { lagEvents: 3 } }));
    expect(readiness.report()).toEqual({
      status: 'ready',
      checks: [
        { name: 'log', ready: true },
        { name: 'projection', ready: true, facts: { lagEvents: 3 } },
      ],
    });
  });

  it('counts a check that throws as not ready, without its words', () => {
    const readiness = new Readiness();
    readiness.add('log', () => {
      throw new Error('nats://user:secret@host');
    });
    expect(readiness.report()).toEqual({
      status: 'not_ready',
      checks: [{ name: 'log', ready: false, detail: 'the check itself failed' }],
    });
  });

  it('stays away from ready once it drains', () => {
    const readiness = new Readiness();
    readiness.startDraining();
    expect(readiness.report().status).toBe('draining');
  });
});
