import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

const read = (...args: string[]) => readOptions(args, () => 42);

describe('readOptions', () => {
  it('runs the full form under a seed of its own unless told', () => {
    expect(read()).toEqual({ mode: 'full', seed: 42, keep: false, help: false });
  });

  it('takes a mode and the seed of an earlier run', () => {
    expect(read('--short', '--seed', '7')).toMatchObject({ mode: 'short', seed: 7 });
  });

  it('refuses what it does not know, instead of running something else', () => {
    expect(() => read('--shrot')).toThrow('--shrot is not understood');
    expect(() => read('--short', '--clients')).toThrow('cannot be had at once');
    expect(() => read('--seed', 'x')).toThrow('--seed');
    expect(() => read('--seed')).toThrow('--seed');
  });
});
