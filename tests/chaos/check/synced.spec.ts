import { describe, expect, it } from '@jest/globals';
import { countSyncs, syncedByQuorum } from './synced.ts';

describe('countSyncs', () => {
  it('counts each call once, also one that another thread interrupted in the trace', () => {
    const trace = [
      '101 fsync(9) = 0',
      '102 fdatasync(12 <unfinished ...>',
      '101 write(3, "fsync", 5) = 5',
      '102 <... fdatasync resumed>) = 0',
    ];
    expect(countSyncs(trace.join('\n'))).toBe(2);
  });
});

describe('syncedByQuorum', () => {
  it.each([
    [[100, 100, 100], true],
    [[100, 120, 0], true],
    [[100, 99, 0], false],
    [[0, 0, 0], false],
    [[3, 2, 3], false],
  ])('100 acknowledged, synced %j times: %s', (syncs, expected) => {
    expect(syncedByQuorum(100, syncs)).toBe(expected);
  });
});
