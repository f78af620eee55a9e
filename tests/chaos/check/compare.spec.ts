import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addUp, areNone, compare, NO_DIFFERENCES } from './compare.ts';
import type { Entry } from './entry.ts';
import { MUTATIONS } from './mutations.ts';

const run = (length: number): Entry[] =>
  Array.from({ length }, (_, index) => ({ id: `e${index}`, position: `0.a.${index * 3 + 1}`, mark: `m${index}` }));

describe('compare', () => {
  it('finds nothing where the same events stand in the same order', () => {
    expect(compare(run(40), run(40))).toEqual(NO_DIFFERENCES);
    expect(compare([], [])).toEqual(NO_DIFFERENCES);
  });

  it.each(MUTATIONS)('turns red, in the right column and in no other, when one would $name', ({ apply, finds }) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (length, chance) => {
        const mutated = apply(run(length), chance % (length - 1));
        expect(compare(run(length), mutated)).toEqual({ ...NO_DIFFERENCES, [finds]: 1 });
      }),
    );
  });

  it('counts everything as lost where nothing is shown', () => {
    expect(compare(run(7), [])).toEqual({ ...NO_DIFFERENCES, lost: 7 });
  });

  it('finds any other order, however far apart the exchanged ones are', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...run(12).keys()], { minLength: 12 }), (order) => {
        const observed = order.map((place) => run(12)[place]!);
        const isOrdered = order.every((place, index) => place === index);
        expect(compare(run(12), observed).reordered > 0).toBe(!isOrdered);
      }),
    );
  });

  it('sees no difference cancel out another', () => {
    const [dropped, doubled] = [MUTATIONS[0]!.apply(run(5), 1), MUTATIONS[1]!.apply(run(5), 3)];
    const sum = addUp([compare(run(5), dropped), compare(run(5), doubled)]);
    expect(sum).toEqual({ ...NO_DIFFERENCES, lost: 1, duplicate: 1 });
    expect(areNone(sum)).toBe(false);
    expect(areNone(addUp([]))).toBe(true);
  });
});
