import { describe, expect, it } from '@jest/globals';
import { NO_DIFFERENCES } from '../check/compare.ts';
import { isGreen, outcomeOf, type Findings } from '../results.ts';
import { oneAfterTheOther } from './one-after-the-other.ts';
import type { Stage } from './scenario.ts';

const STAGE = { report: () => undefined, folder: { within: () => undefined } } as unknown as Stage;
const found = (more: Partial<Findings> = {}): Findings => ({
  acked: 5,
  faults: 2,
  sources: [{ source: 'log', subjects: 1, events: 5, differences: NO_DIFFERENCES, examples: [] }],
  recoveries: [],
  facts: [],
  failures: [],
  ...more,
});
const outcome = async (...results: Findings[]) => {
  const [first, ...others] = results.map((each) => () => Promise.resolve(each));
  const scenario = oneAfterTheOther(first!, ...others.map((each) => ({ name: 'then', scenario: each })));
  return outcomeOf('short', 1, await scenario(STAGE));
};

describe('scenarios one after the other', () => {
  it('count events and faults of the first, and show the sources of all', async () => {
    expect(await outcome(found(), found())).toMatchObject({ acked: 5, faults: 2, failures: [] });
  });

  it('are green only when all are', async () => {
    expect(isGreen(await outcome(found(), found()))).toBe(true);
    expect(isGreen(await outcome(found(), found({ failures: ['no'] })))).toBe(false);
    const lost = { ...found().sources[0]!, differences: { ...NO_DIFFERENCES, lost: 1 } };
    expect(isGreen(await outcome(found(), found({ sources: [lost] })))).toBe(false);
  });
});
