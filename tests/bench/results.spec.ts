import { describe, expect, it } from '@jest/globals';
import { lineOf, markdownOf, resultOf, resultsOf } from './results.ts';

const rounds = new Map([
  ['runcast', [70, 90, 80]],
  ['bare', [100, 100, 100]],
]);
const subject = { name: 'runcast', figure: 'ingest', unit: 'events/s' };

describe('the result of a figure', () => {
  it('holds the median, the ratio of the same rounds, and whether the target was met', () => {
    const [result] = resultsOf(rounds, subject, [{ name: 'bare', target: { of: 'ratio', atLeast: 0.7 } }]);
    expect(result).toEqual({
      figure: 'ingest',
      value: 80,
      unit: 'events/s',
      against: 'bare',
      ratio: 0.8,
      target: '>= 0.7 x',
      met: true,
      rounds: [70, 90, 80],
      spread: 0.25,
    });
  });

  it('says so when the target was missed, on either side', () => {
    const met = (target: { of: 'value' | 'ratio'; atLeast?: number; atMost?: number }) =>
      resultsOf(rounds, subject, [{ name: 'bare', target }])[0]!.met;
    expect(met({ of: 'ratio', atLeast: 0.81 })).toBe(false);
    expect(met({ of: 'ratio', atMost: 0.79 })).toBe(false);
    expect(met({ of: 'value', atLeast: 81 })).toBe(false);
    expect(met({ of: 'value', atMost: 80 })).toBe(true);
  });

  it('leaves out a peer that was not there', () => {
    expect(resultsOf(rounds, subject, [{ name: 'nchan' }])).toEqual([]);
  });

  it('shows what was missed in the terminal and in the table', () => {
    const missed = resultOf({ figure: 'rest', unit: 'MB', values: [130], target: { of: 'value', atMost: 120 } });
    expect(lineOf(missed)).toContain('MISSED (<= 120 MB)');
    expect(markdownOf([missed], { node: 'v24' })).toContain('| rest | 130 MB |  |  | <= 120 MB | missed | 0 % |');
  });
});
