/** One way of doing the work of a figure: Runcast itself, a ceiling underneath it, or a peer beside it. */
export interface Contender {
  readonly name: string;
  /** Does the work once and answers how fast it was. */
  measure(): Promise<number>;
}

/** What one contender reached, a value for each round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Measures the contenders in turn, round after round: on a machine that others use as well, only what was measured
 * close together can be compared. Every second round goes backwards, so that nobody always comes first.
 */
export async function inTurn(contenders: readonly Contender[], rounds: number): Promise<Rounds> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      values.get(contender.name)!.push(await contender.measure());
    }
  }
  return values;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How far apart the rounds lie: (largest - smallest) / median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/** The median of the rounds' own ratios: what slows one round down slows both sides of its ratio. */
export function ratio(values: readonly number[], against: readonly number[]): number {
  return median(values.map((value, round) => value / against[round]!));
}
