import { describe, expect, it } from '@jest/globals';
import { NO_DIFFERENCES } from './compare.ts';
import { judge } from './verdict.ts';

const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `e${index}`, position: `0.a.${index + 1}`, mark: `m${index}` }));
const expected = new Map([
  ['one', entries(4)],
  ['other', entries(6)],
]);

describe('judge', () => {
  it('is green for sources that show what was acknowledged', () => {
    const verdict = judge(expected, [
      { source: 'log', subject: 'one', entries: entries(4) },
      { source: 'log', subject: 'other', entries: entries(6) },
      { source: 'REST', subject: 'one', entries: entries(4) },
    ]);
    expect(verdict).toMatchObject({ total: NO_DIFFERENCES, blindSpots: [] });
    expect(verdict.sources).toMatchObject([
      { source: 'log', subjects: 2, events: 10 },
      { source: 'REST', subjects: 1, events: 4 },
    ]);
  });

  it('names the source and the subject that went wrong', () => {
    const { total, sources } = judge(expected, [{ source: 'log', subject: 'one', entries: entries(3) }]);
    expect(total).toEqual({ ...NO_DIFFERENCES, lost: 1 });
    expect(sources[0]!.examples).toEqual([expect.stringMatching(/^log one: .*"lost":1/)]);
  });

  it('takes events of a run that nobody sent for unexpected', () => {
    const { total } = judge(expected, [{ source: 'log', subject: 'ghost', entries: entries(3) }]);
    expect(total).toEqual({ ...NO_DIFFERENCES, unexpected: 3 });
  });

  it('says so when a source has shown nothing that a check could fail on', () => {
    expect(judge(expected, [{ source: 'SSE', subject: 'one', entries: [] }]).blindSpots).toHaveLength(1);
  });
});
