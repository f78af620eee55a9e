import type { Entry } from './entry.ts';

/** The five ways in which a source can break its promise, each a number of events. */
export interface Differences {
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** There more than once. */
  readonly duplicate: number;
  /** There, and never acknowledged. */
  readonly unexpected: number;
  /** There behind one that was acknowledged after it. */
  readonly reordered: number;
  /** There with another position or another content, or a summary that contradicts the events. */
  readonly divergent: number;
}

export const NO_DIFFERENCES: Differences = { lost: 0, duplicate: 0, unexpected: 0, reordered: 0, divergent: 0 };

/** What `observed` shows, against what was acknowledged, in the order in which it was. */
export function compare(expected: readonly Entry[], observed: readonly Entry[]): Differences {
  const places = new Map(expected.map((entry, place) => [entry.id, place]));
  const seen = new Set<string>();
  const found = { ...NO_DIFFERENCES } as { -readonly [Kind in keyof Differences]: number };
  let furthest = -1;
  for (const entry of observed) {
    const place = places.get(entry.id);
    if (place === undefined) found.unexpected += 1;
    else if (seen.has(entry.id)) found.duplicate += 1;
    else {
      if (place < furthest) found.reordered += 1;
      furthest = Math.max(furthest, place);
      if (!isSame(expected[place]!, entry)) found.divergent += 1;
    }
    seen.add(entry.id);
  }
  found.lost = expected.filter(({ id }) => !seen.has(id)).length;
  return found;
}

function isSame(one: Entry, other: Entry): boolean {
  return one.position === other.position && one.mark === other.mark;
}

export function addUp(all: Iterable<Differences>): Differences {
  const sum = { ...NO_DIFFERENCES } as { -readonly [Kind in keyof Differences]: number };
  for (const each of all) for (const kind of KINDS) sum[kind] += each[kind];
  return sum;
}

export function areNone(differences: Differences): boolean {
  return KINDS.every((kind) => differences[kind] === 0);
}

export const KINDS = Object.keys(NO_DIFFERENCES) as (keyof Differences)[];
