import { describe, expect, it } from '@jest/globals';
import { restartDelayMs } from './supervise.ts';

describe('restartDelayMs', () => {
  it('doubles from a tenth of a second up to ten seconds', () => {
    expect([0, 1, 2, 3, 10, 2_000].map(restartDelayMs)).toEqual([100, 200, 400, 800, 10_000, 10_000]);
  });
});
