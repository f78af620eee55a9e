import { describe, expect, it } from '@jest/globals';
import { judgeRounds, type Round } from './rounds.ts';

const STALLED = { sentAway: 250, atLeast: 225 };
const round = (aloneMs: number, besideMs: number, megabytes = 300): Round => ({
  aloneMs,
  besideMs,
  memory: [megabytes, megabytes + 3, megabytes - 3],
});
const steady = [round(50, 52), round(60, 55), round(50, 50), round(55, 60), round(50, 51)];

describe('The rounds beside clients that never read', () => {
  it('are green when nothing differs, on a machine that gets slower, and with one round that something disturbed', () => {
    expect(judgeRounds(steady, STALLED).failures).toEqual([]);
    const slowing = [round(50, 55), round(80, 85), round(120, 130), round(200, 210), round(300, 330)];
    expect(judgeRounds(slowing, STALLED).failures).toEqual([]);
    expect(judgeRounds([...steady.slice(1), round(50, 900)], STALLED).failures).toEqual([]);
  });

  it('are red when readers are slower in most of them', () => {
    const slower = [round(50, 65), round(60, 80), round(50, 50), round(55, 70), round(50, 51)];
    expect(judgeRounds(slower, STALLED).failures).toEqual([expect.stringContaining('27 % higher')]);
  });

  it('are red when memory goes on growing', () => {
    const growing = steady.map(({ aloneMs, besideMs }, index) => round(aloneMs, besideMs, 300 + 40 * index));
    expect(judgeRounds(growing, STALLED).failures).toEqual([expect.stringContaining('grew')]);
  });

  it('are red when those who never read were not stalled at all', () => {
    expect(judgeRounds(steady, { ...STALLED, sentAway: 12 }).failures).toEqual([expect.stringContaining('only 12')]);
  });
});
