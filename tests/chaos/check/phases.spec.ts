import { describe, expect, it } from '@jest/globals';
import { judgePhases, type Phase } from './phases.ts';

const PHASE: Phase = {
  name: 'all is well',
  seconds: 10,
  acked: [1_000, 500],
  lag: [0, 3],
  streams: [4, 5, 6],
  holders: ['p0', 'p1'],
  leaders: ['n1', 'n1'],
};
const failures = (more: Partial<Phase>): string[] => judgePhases([PHASE, { ...PHASE, ...more }]).failures;

describe('judgePhases', () => {
  it('shows each phase in a row under the names of its columns', () => {
    const { table } = judgePhases([PHASE]);
    expect(table).toEqual([
      ['phase', 'seconds', 'acked/s 0', 'acked/s 1', 'lag 0', 'lag 1', 'streams', 'projectors', 'leaders'],
      ['all is well', '10.0', 100, 50, 0, 3, '4 5 6', 'p0 p1', 'n1 n1'],
    ]);
  });

  it('has nothing against phases in which every part did its share', () => {
    expect(failures({})).toEqual([]);
  });

  it.each<[string, Partial<Phase>, string]>([
    ['a shard took nothing', { acked: [1_000, 0], lag: [0, 0] }, 'nothing was acknowledged in shard 1'],
    ['the tables stood still meanwhile', { lag: [1_001, 0] }, 'the tables lack 1001 records of shard 0'],
    ['a gateway served nobody', { streams: [4, 0, 6] }, 'nobody watches at realtime gateway 1'],
    ['one projector held both shards', { holders: ['p0', 'p0'] }, 'one projector writes several shards'],
  ])('says when %s', (_fault, more, sentence) => {
    expect(failures(more)).toEqual([`all is well: ${sentence}`]);
  });
});
