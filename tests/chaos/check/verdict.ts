import { addUp, areNone, compare, type Differences } from './compare.ts';
import type { Entry } from './entry.ts';
import { MUTATIONS } from './mutations.ts';

/** What one reader was shown of one run or session. */
export interface Observation {
  /** E.g. `log`, `tables`, `SSE live`. */
  readonly source: string;
  /** The run or session. */
  readonly subject: string;
  readonly entries: readonly Entry[];
}

export interface SourceVerdict {
  readonly source: string;
  readonly subjects: number;
  readonly events: number;
  readonly differences: Differences;
  /** The first subjects with a difference, in words. */
  readonly examples: readonly string[];
}

export interface Verdict {
  readonly sources: readonly SourceVerdict[];
  readonly total: Differences;
  /** Falsified observations that the check did not find. Must be empty. */
  readonly blindSpots: readonly string[];
}

const MAX_EXAMPLES = 5;

/** Compares every observation with what was acknowledged for its subject; an unknown subject has no events at all. */
export function judge(expected: ReadonlyMap<string, readonly Entry[]>, observations: readonly Observation[]): Verdict {
  const bySource = Map.groupBy(observations, ({ source }) => source);
  const sources = [...bySource].map(([source, shown]) => judgeSource(source, shown, expected));
  return {
    sources,
    total: addUp(sources.map(({ differences }) => differences)),
    blindSpots: [...bySource].flatMap(([source, shown]) => blindSpots(source, shown)),
  };
}

function judgeSource(
  source: string,
  shown: readonly Observation[],
  expected: ReadonlyMap<string, readonly Entry[]>,
): SourceVerdict {
  const all = shown.map(({ subject, entries }) => ({
    subject,
    differences: compare(expected.get(subject) ?? [], entries),
  }));
  const red = all.filter(({ differences }) => !areNone(differences));
  return {
    source,
    subjects: shown.length,
    events: shown.reduce((sum, { entries }) => sum + entries.length, 0),
    differences: addUp(all.map(({ differences }) => differences)),
    examples: red
      .slice(0, MAX_EXAMPLES)
      .map(({ subject, differences }) => `${source} ${subject}: ${JSON.stringify(differences)}`),
  };
}

/** The control of every run: the check must find each mutation of what this very source has shown. */
function blindSpots(source: string, shown: readonly Observation[]): string[] {
  const sample = shown.find(({ entries }) => entries.length > 2);
  if (sample === undefined) return [`${source}: showed nothing that could be checked`];
  const { entries } = sample;
  return MUTATIONS.filter(({ apply, finds }) => {
    const mutated = apply(entries, entries.length >> 1 === entries.length - 1 ? 0 : entries.length >> 1);
    return compare(entries, mutated)[finds] === 0;
  }).map(({ name }) => `${source}: the check does not notice "${name}"`);
}
