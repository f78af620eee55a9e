import type { Differences } from './compare.ts';
import type { Entry } from './entry.ts';

/** A way of falsifying what was observed, and what a check must then find. */
export interface Mutation {
  readonly name: string;
  readonly finds: keyof Differences;
  readonly apply: (observed: readonly Entry[], place: number) => Entry[];
}

/** `place` is any index whose follower exists. */
export const MUTATIONS: readonly Mutation[] = [
  { name: 'drop one', finds: 'lost', apply: (list, place) => list.toSpliced(place, 1) },
  { name: 'double one', finds: 'duplicate', apply: (list, place) => list.toSpliced(place, 0, list[place]!) },
  {
    name: 'swap two',
    finds: 'reordered',
    apply: (list, place) => list.toSpliced(place, 2, list[place + 1]!, list[place]!),
  },
  {
    name: 'invent one',
    finds: 'unexpected',
    apply: (list, place) => list.toSpliced(place, 0, { ...list[place]!, id: 'never sent' }),
  },
  {
    name: 'move one',
    finds: 'divergent',
    apply: (list, place) => list.toSpliced(place, 1, { ...list[place]!, position: '0.other.1' }),
  },
  {
    name: 'rewrite one',
    finds: 'divergent',
    apply: (list, place) => list.toSpliced(place, 1, { ...list[place]!, mark: 'rewritten' }),
  },
];
