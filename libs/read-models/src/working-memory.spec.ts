import { describe, expect, it } from '@jest/globals';
import type { KnownRun } from './fold-batch.ts';
import { WorkingMemory } from './working-memory.ts';

const run = (): KnownRun => ({ state: undefined, sessions: new Set() });
const batch = (...keys: string[]) => ({ runs: new Map(keys.map((key) => [key, run()])), sessions: new Map() });

describe('The working memory', () => {
  it('keeps what the newest batch touched however much it is: the tables may not have it yet', () => {
    const memory = new WorkingMemory(1_500);
    memory.remember(batch('a', 'b', 'c'));
    expect(['a', 'b', 'c'].map((key) => memory.run(key) !== undefined)).toEqual([true, true, true]);
  });

  it('is bounded once another batch came', () => {
    const memory = new WorkingMemory(1_500);
    memory.remember(batch('a', 'b', 'c'));
    memory.remember(batch('d'));
    expect(['a', 'b', 'c', 'd'].filter((key) => memory.run(key))).toEqual(['d']);
  });

  it('forgets the newest batch with the rest, and says that it did', () => {
    const memory = new WorkingMemory();
    memory.remember(batch('a'));
    const before = memory.generation;
    memory.forget();
    expect(memory.run('a')).toBeUndefined();
    expect(memory.generation).not.toBe(before);
  });
});
