import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { advance, countAt, spansAt, timeline } from './scrub.ts';
import type { Span } from './span.ts';

const span = (more: Partial<Span>): Span => ({
  id: 's',
  kind: 'step',
  name: 'plan',
  depth: 0,
  startMs: 10,
  state: 'done',
  events: [0],
  ...more,
});

describe('spansAt', () => {
  it('leaves out what has not begun, and lets run what has not ended', () => {
    const failed = span({ endMs: 20, state: 'failed', note: 'no such page' });
    expect(spansAt([failed], 9)).toEqual([]);
    expect(spansAt([failed], 15)).toEqual([span({ state: 'running' })]);
    expect(spansAt([failed], 20)).toEqual([failed]);
  });

  it('knows the question while it waits for the answer', () => {
    expect(spansAt([span({ kind: 'wait', note: 'May I?', endMs: 20 })], 15)).toMatchObject([{ note: 'May I?' }]);
  });
});

describe('timeline', () => {
  it('never runs backwards', () => expect(timeline([5, 3, 9, 8])).toEqual([5, 5, 9, 9]));
});

describe('countAt', () => {
  it('counts what a look at each event would count', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(60), (times, at) => {
        const line = timeline(times);
        expect(countAt(line, at)).toBe(line.filter((time) => time <= at).length);
      }),
    );
  });
});

describe('advance', () => {
  it.each([
    [100, 50, 1, 150],
    [100, 50, 20, 1_000],
    [100, -5, 2, 100],
  ] as const)('moves from %d by %d ms at %dx to %d', (at, elapsed, speed, then) => {
    expect(advance(at, elapsed, speed, 1_000)).toBe(then);
  });
});
