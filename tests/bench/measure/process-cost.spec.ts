import { describe, expect, it } from '@jest/globals';
import { cpuMsOf, residentBytesOf } from './process-cost.ts';

describe('what a process costs', () => {
  it('is what the process itself says', () => {
    const own = process.cpuUsage();
    expect(Math.abs(cpuMsOf(process.pid) - (own.user + own.system) / 1_000)).toBeLessThan(100);
    expect(residentBytesOf(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  });
});
