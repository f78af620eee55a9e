import { describe, expect, it } from '@jest/globals';
import { KINDS, NO_DIFFERENCES } from './check/compare.ts';
import { isGreen, outcomeOf, tableOf, type Findings } from './results.ts';

const source = (differences = NO_DIFFERENCES) => ({ source: 'log', subjects: 1, events: 2, differences, examples: [] });
const findings = (more: Partial<Findings> = {}): Findings => ({
  acked: 2,
  faults: 1,
  sources: [source()],
  recoveries: [],
  facts: [],
  failures: [],
  ...more,
});

describe('the outcome', () => {
  it('is green when nothing is wrong', () => {
    expect(isGreen(outcomeOf('short', 1, findings()))).toBe(true);
  });

  it.each(KINDS)('is red for a single %s event', (kind) => {
    const outcome = outcomeOf('short', 1, findings({ sources: [source({ ...NO_DIFFERENCES, [kind]: 1 })] }));
    expect(outcome[kind]).toBe(1);
    expect(isGreen(outcome)).toBe(false);
  });

  it('is red for any other failure, and for a recovery beyond its promise', () => {
    expect(isGreen(outcomeOf('short', 1, findings({ failures: ['x'] })))).toBe(false);
    const recovery = (seconds: number) => ({ name: 'ingestAfterNatsLeaderKill', seconds }) as const;
    expect(isGreen(outcomeOf('full', 1, findings({ recoveries: [recovery(9.9)] })))).toBe(true);
    const slow = outcomeOf('full', 1, findings({ recoveries: [recovery(10.1), recovery(2)] }));
    expect(slow.recoveries).toEqual({ ingestAfterNatsLeaderKill: 10.1 });
    expect(isGreen(slow)).toBe(false);
    // Beside the other tests of a machine it may take three times as long.
    expect(isGreen(outcomeOf('short', 1, findings({ recoveries: [recovery(29.9)] })))).toBe(true);
    expect(isGreen(outcomeOf('short', 1, findings({ recoveries: [recovery(30.1)] })))).toBe(false);
  });

  it('prints the sums over all sources, and what happened step by step', () => {
    const twice = [source({ ...NO_DIFFERENCES, lost: 2 }), source({ ...NO_DIFFERENCES, lost: 3 })];
    const table = [
      ['phase', 'acked'],
      ['all is well', 7],
    ];
    const shown = tableOf(outcomeOf('short', 1, findings({ sources: twice, table })), twice);
    expect(shown).toMatch(/in all +5 +0 +0 +0 +0\n/);
    expect(shown).toMatch(/phase +acked\n {2}all is well +7\n/);
  });

  it('prints how to repeat a red run', () => {
    const red = outcomeOf('short', 77, findings({ failures: ['the sky fell'] }));
    expect(tableOf(red, [source()])).toMatch(/FAILED the sky fell[^]*--seed 77/);
  });
});
