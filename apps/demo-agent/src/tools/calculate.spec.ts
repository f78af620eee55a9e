import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calculate } from './calculate.ts';

describe('calculate', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['-2 * -(3 - 5)', -4],
    ['7 / 2', 3.5],
  ])('finds that %s is %d', (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it('refuses to divide by zero, also where the zero is computed', () => {
    expect(() => calculate('48210 / (7 - 7)')).toThrow(RangeError);
  });

  it.each(['', '1 +', '(1', '1 2', 'process.exit()', '1 + x', '('.repeat(2_000)])('refuses %j', (expression) => {
    expect(() => calculate(expression)).toThrow(SyntaxError);
  });

  it('multiplies before it adds, whatever the numbers are', () => {
    const number = fc.nat(1_000);
    fc.assert(
      fc.property(number, number, number, number, (a, b, c, d) => {
        expect(calculate(`${a} + ${b} * ${c} - ${d}`)).toBe(a + b * c - d);
        expect(calculate(`(${a} + ${b}) * (${c} - ${d})`)).toBeCloseTo((a + b) * (c - d));
      }),
    );
  });
});
