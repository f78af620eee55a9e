import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Shares } from './shares.ts';

it('Alone, a projector is never full before it has every shard', () => {
  const shares = new Shares(3);
  for (const shard of [0, 1, 2]) {
    expect(shares.isFull()).toBe(false);
    shares.took(shard);
  }
  expect(shares.isFull()).toBe(true);
});

it('With a second one it gives half away, and no more', () => {
  const shares = new Shares(4);
  for (const shard of [0, 1, 2, 3]) shares.took(shard);
  expect(shares.giveAway(0)).toBe(false);
  shares.sawProjectors(2);
  expect([0, 1, 2, 3].map((shard) => shares.giveAway(shard))).toEqual([true, true, false, false]);
});

it('A shard that it does not hold is nothing to give away', () => {
  const shares = new Shares(2);
  shares.took(0);
  shares.took(1);
  shares.sawProjectors(2);
  shares.left(1);
  shares.took(1);
  expect(shares.giveAway(7)).toBe(false);
  expect(shares.giveAway(1)).toBe(true);
  expect(shares.giveAway(0)).toBe(false);
});

it('Any number of projectors end with shares that differ by no more than one takes up the rest, and no shard is free', () => {
  const one = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(one, one, (shards, projectors) => {
      const all = Array.from({ length: projectors }, () => new Shares(shards));
      for (let shard = 0; shard < shards; shard += 1) all[0]!.took(shard);
      for (const shares of all) shares.sawProjectors(projectors);
      const free = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => all[0]!.giveAway(shard));
      const held = all.map((_, index) => (index === 0 ? shards - free.length : 0));
      for (const shard of free) {
        const taker = all.findIndex((shares) => !shares.isFull());
        expect(taker).toBeGreaterThanOrEqual(0);
        all[taker]!.took(shard);
        held[taker]! += 1;
      }
      expect(Math.max(...held)).toBeLessThanOrEqual(Math.ceil(shards / projectors));
    }),
  );
});
