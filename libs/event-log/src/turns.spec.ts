import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.ts';

/** Work that begins when it is its turn and ends when the test says so. */
function pieces(turns: Turns, count: number): { begun: number[]; finish: (piece: number) => Promise<void> } {
  const begun: number[] = [];
  const ends: ((fail: boolean) => void)[] = [];
  const done = Array.from({ length: count }, (_, piece) =>
    turns.take(() => {
      begun.push(piece);
      return new Promise<void>((resolve, reject) => {
        ends[piece] = (fail) => (fail ? reject(new Error('no answer')) : resolve());
      });
    }),
  );
  return {
    begun,
    finish: async (piece) => {
      ends[piece]!(piece % 2 === 0);
      await done[piece]!.catch(() => undefined);
    },
  };
}

describe('Turns', () => {
  it('lets no more than so many begin, and the next as soon as one has ended, well or not', async () => {
    const { begun, finish } = pieces(new Turns(2), 5);
    expect(begun).toEqual([0, 1]);
    await finish(1);
    expect(begun).toEqual([0, 1, 2]);
    await finish(0);
    await finish(2);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('is free again when all have ended', async () => {
    const turns = new Turns(1);
    const first = pieces(turns, 2);
    await first.finish(0);
    await first.finish(1);
    expect(pieces(turns, 1).begun).toEqual([0]);
  });
});
