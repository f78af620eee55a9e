import { growthPercent, median } from './percentile.ts';

/** Readers alone, and then the same readers beside clients that never read. */
export interface Round {
  /** The 99th percentile of the delays that readers saw, in milliseconds. */
  readonly aloneMs: number;
  readonly besideMs: number;
  /** What the gateways held together while they were there, sample by sample, in MB. */
  readonly memory: readonly number[];
}

const MAX_SLOWER_PERCENT = 20;
/** What the garbage collector leaves and takes between two samples of a process of this size. */
const MAX_GROWTH_PERCENT = 10;

/** What the rounds show, and what of it must not be. A round is compared with itself: a machine changes within minutes. */
export function judgeRounds(
  rounds: readonly Round[],
  stalled: { readonly sentAway: number; readonly atLeast: number },
) {
  const slower = Math.round((median(rounds.map(({ aloneMs, besideMs }) => besideMs / aloneMs)) - 1) * 100);
  const memory = rounds.flatMap((round) => round.memory);
  const growth = Math.round(growthPercent(memory) * 10) / 10;
  return {
    facts: [
      ['p99 of each round alone, ms', rounds.map(({ aloneMs }) => aloneMs).join(', ')],
      ['p99 of each round beside them, ms', rounds.map(({ besideMs }) => besideMs).join(', ')],
      ['slower beside them, median, %', slower],
      ['times an SSE client was given up', stalled.sentAway],
      ['memory of 3 gateways by round, MB', rounds.map((round) => Math.round(median(round.memory))).join(', ')],
      ['memory growth, %', growth],
    ] as const,
    failures: [
      ...(stalled.sentAway < stalled.atLeast ? [`only ${stalled.sentAway} stalled: did they keep anything busy?`] : []),
      ...(slower > MAX_SLOWER_PERCENT ? [`the p99 of the readers was ${slower} % higher beside them`] : []),
      ...(growth > MAX_GROWTH_PERCENT ? [`the gateways grew by ${growth} % from the middle to the end`] : []),
    ],
  };
}
