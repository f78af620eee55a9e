import { describe, expect, it } from '@jest/globals';
import { FIGURES, readOptions, USAGE } from './options.ts';

describe('the options of the benchmark', () => {
  it('mean everything when they name nothing', () => {
    expect(readOptions([])).toEqual({ figures: FIGURES, quick: false, profile: undefined, help: false });
  });

  it('name figures and how to measure them', () => {
    expect(readOptions(['fanout', '--quick', '--profile', 'p', 'idle'])).toMatchObject({
      figures: ['fanout', 'idle'],
      quick: true,
      profile: 'p',
    });
  });

  it.each([[['fan-out']], [['--profile']]])('refuses %j', (args) => {
    expect(() => readOptions(args)).toThrow(args[0]);
  });

  it('are all explained', () => {
    for (const figure of FIGURES) expect(USAGE).toContain(`\n  ${figure} `);
  });
});
