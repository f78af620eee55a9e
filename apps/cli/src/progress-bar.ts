import { SingleBar } from 'cli-progress';

/** How far a long piece of work is. */
export interface ProgressBar {
  add(amount: number): void;
  end(): void;
}

const NONE: ProgressBar = { add: () => undefined, end: () => undefined };

/** A bar on stderr of a terminal; nothing anywhere else, and nothing when it is unknown how much there is to do. */
export function progressBar(host: NodeJS.Process, total: number | undefined, unit: string): ProgressBar {
  if (!host.stderr.isTTY || total === undefined) return NONE;
  const bar = new SingleBar({
    format: `{bar} {percentage}% of {total} ${unit}, {eta_formatted} left`,
    stream: host.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(total, 0);
  return { add: (amount) => bar.increment(amount), end: () => bar.stop() };
}
