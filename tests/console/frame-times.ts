import type { Page } from 'playwright-core';

export interface FrameTimes {
  readonly frames: number;
  /** Of the time between one frame and the next, in milliseconds. */
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
}

/** How evenly the page drew while `work` went on, by the page's own frames. */
export async function measureFrames(page: Page, work: () => Promise<void>): Promise<FrameTimes> {
  await page.evaluate(() => {
    const gaps: number[] = [];
    let last = performance.now();
    const state = { gaps, isOver: false };
    const note = (now: number): void => {
      gaps.push(now - last);
      last = now;
      if (!state.isOver) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    Object.assign(window, { frameTimes: state });
  });
  await work();
  const gaps = await page.evaluate(() => {
    const { frameTimes } = window as unknown as { frameTimes: { gaps: number[]; isOver: boolean } };
    frameTimes.isOver = true;
    return frameTimes.gaps;
  });
  const sorted = gaps.slice(1).sort((left, right) => left - right);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { frames: sorted.length, median: at(0.5), p95: at(0.95), longest: Math.round(sorted.at(-1) ?? 0) };
}
